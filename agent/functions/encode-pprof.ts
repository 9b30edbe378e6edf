import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FUNCTION, LINE, LOCATION, NANOSECONDS, PROFILE, SAMPLE, VALUE_TYPE } from "./pprof-fields.ts";
import type { Frame, Profile } from "./profile.ts";

/**
 * The bytes of a pprof Profile with the values `samples` (count) and `cpu` (nanoseconds). Files hold them compressed with gzip.
 *
 * @param period seconds between two samples
 */
export function encodePprof({ at, seconds, samples }: Profile, period: number): Uint8Array {
  const writer = new ProfileWriter();
  const strings = new Numbering<string>();
  strings.of("");
  const frames = new Numbering<Frame>();
  const valueType = (field: number, type: string, unit: string) =>
    writer.message(field, () => {
      writer.number(VALUE_TYPE.type, strings.of(type));
      writer.number(VALUE_TYPE.unit, strings.of(unit));
    });
  valueType(PROFILE.sampleType, "samples", "count");
  valueType(PROFILE.sampleType, "cpu", "nanoseconds");
  for (const { stack, nanoseconds } of samples)
    writer.message(PROFILE.sample, () => {
      const count = Math.max(1, Math.round(nanoseconds / NANOSECONDS / period));
      const locations = stack.map((frame) => frames.of(frame) + 1);
      writer.packed(SAMPLE.location, locations);
      writer.packed(SAMPLE.value, [count, nanoseconds]);
    });
  for (const [index, { name, file, line }] of frames.all.entries()) {
    // A location of its own for each function: lines within it are not told apart.
    writer.message(PROFILE.location, () => {
      writer.number(LOCATION.id, index + 1);
      writer.message(LOCATION.line, () => {
        writer.number(LINE.function, index + 1);
        writer.number(LINE.line, line);
      });
    });
    writer.message(PROFILE.function, () => {
      writer.number(FUNCTION.id, index + 1);
      writer.number(FUNCTION.name, strings.of(name));
      writer.number(FUNCTION.systemName, strings.of(name));
      writer.number(FUNCTION.file, strings.of(file));
      writer.number(FUNCTION.line, line);
    });
  }
  writer.number(PROFILE.time, at * NANOSECONDS);
  writer.number(PROFILE.duration, seconds * NANOSECONDS);
  valueType(PROFILE.periodType, "cpu", "nanoseconds");
  writer.number(PROFILE.period, period * NANOSECONDS);
  for (const text of strings.all) writer.text(PROFILE.string, text);
  return writer.finish();
}

class ProfileWriter {
  readonly #writer = new BinaryWriter();

  message(field: number, write: () => void): void {
    this.#writer.tag(field, WireType.LengthDelimited).fork();
    write();
    this.#writer.join();
  }

  number(field: number, value: number): void {
    if (value !== 0) this.#writer.tag(field, WireType.Varint).int64(BigInt(Math.round(value)));
  }

  packed(field: number, values: readonly number[]): void {
    this.message(field, () => {
      for (const value of values) this.#writer.int64(BigInt(Math.round(value)));
    });
  }

  text(field: number, text: string): void {
    this.#writer.tag(field, WireType.LengthDelimited).string(text);
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

/** Numbers values in the order in which they come. */
class Numbering<Value> {
  readonly all: Value[] = [];
  readonly #numbers = new Map<Value, number>();

  of(value: Value): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.all.push(value) - 1;
      this.#numbers.set(value, number);
    }
    return number;
  }
}
