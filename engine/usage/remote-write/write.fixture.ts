import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export interface WrittenSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch seconds and value. */
  readonly samples: readonly (readonly [number, number])[];
}

function samplesOf(writer: BinaryWriter, { samples }: WrittenSeries): void {
  for (const [at, value] of samples) {
    writer.tag(2, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Bit64).double(value);
    writer.tag(2, WireType.Varint).int64(Math.round(at * 1000));
    writer.join();
  }
}

/** The bytes of a WriteRequest of remote write 1.0. */
export function writeRequest(all: readonly WrittenSeries[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const series of all) {
    writer.tag(1, WireType.LengthDelimited).fork();
    for (const [name, value] of Object.entries(series.labels)) {
      writer.tag(1, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(name);
      writer.tag(2, WireType.LengthDelimited).string(value);
      writer.join();
    }
    samplesOf(writer, series);
    writer.join();
  }
  return writer.finish();
}

/** The bytes of a Request of remote write 2.0. */
export function writeRequest2(all: readonly WrittenSeries[]): Uint8Array {
  const writer = new BinaryWriter();
  const symbols = ["", ...new Set(all.flatMap(({ labels }) => Object.entries(labels).flat()))];
  for (const symbol of symbols) writer.tag(4, WireType.LengthDelimited).string(symbol);
  for (const series of all) {
    writer.tag(5, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).fork();
    for (const text of Object.entries(series.labels).flat()) writer.uint32(symbols.indexOf(text));
    writer.join();
    samplesOf(writer, series);
    writer.join();
  }
  return writer.finish();
}
