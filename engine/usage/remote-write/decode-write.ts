import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { prometheusName, type Sample } from "../mapping/sample.ts";

/** Bounds of one request: beyond them it is a fault of the sender, whose own are some thousands. */
const MOST_SERIES = 100_000;
const MOST_SAMPLES = 500_000;
const MOST_LABELS = 128;
const MOST_SYMBOLS = 500_000;

/** What a request holds. */
export interface DecodedWrite {
  readonly samples: readonly Sample[];
  /** Samples, those of no interest included. */
  readonly count: number;
}

/** More than is taken at once. */
export class TooMuch extends Error {
  override readonly name = "TooMuch";
}

type Visit = (number: number, type: WireType, reader: BinaryReader) => boolean;

function walk(bytes: Uint8Array, visit: Visit): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (!visit(number, type, reader)) reader.skip(type, number);
  }
}

const isBytes = (type: WireType) => type === WireType.LengthDelimited;

/**
 * A WriteRequest of Prometheus' remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/).
 *
 * @param names metrics that mean something
 * @throws Error when the bytes are none, TooMuch beyond the bounds
 */
export function decodeWrite(body: Uint8Array, names: ReadonlySet<string>): DecodedWrite {
  const collector = new Collector(names);
  walk(body, (number, type, reader) => {
    if (number !== 1 || !isBytes(type)) return false;
    const labels = new Map<string, string>();
    const values: [number, number][] = [];
    walk(reader.bytes(), (field, kind, series) => {
      if (field === 1 && isBytes(kind)) addLabel(labels, ...label(series.bytes()));
      else if (field === 2 && isBytes(kind)) values.push(collector.sample(series.bytes()));
      else return false;
      return true;
    });
    collector.series(labels, values);
    return true;
  });
  return collector;
}

/**
 * A Request of remote write 2.0 (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/): labels are pairs of numbers of symbols.
 *
 * @throws as for 1.0
 */
export function decodeWrite2(body: Uint8Array, names: ReadonlySet<string>): DecodedWrite {
  const collector = new Collector(names);
  const symbols: string[] = [];
  walk(body, (number, type, reader) => {
    if (number !== 4 || !isBytes(type)) return false;
    if (symbols.push(reader.string()) > MOST_SYMBOLS) throw new TooMuch(`more than ${MOST_SYMBOLS} symbols`);
    return true;
  });
  walk(body, (number, type, reader) => {
    if (number !== 5 || !isBytes(type)) return false;
    const references: number[] = [];
    const values: [number, number][] = [];
    walk(reader.bytes(), (field, kind, series) => {
      if (field === 1 && isBytes(kind)) {
        const packed = new BinaryReader(series.bytes());
        while (packed.pos < packed.len && references.length < 2 * (MOST_LABELS + 1)) references.push(packed.uint32());
      } else if (field === 1 && kind === WireType.Varint) references.push(series.uint32());
      else if (field === 2 && isBytes(kind)) values.push(collector.sample(series.bytes()));
      else return false;
      return true;
    });
    const labels = new Map<string, string>();
    for (let i = 0; i + 1 < references.length; i += 2) {
      const [name, value] = [symbols[references[i]], symbols[references[i + 1]]];
      if (name === undefined || value === undefined) throw new SyntaxError("a label of no symbol");
      addLabel(labels, name, value);
    }
    collector.series(labels, values);
    return true;
  });
  return collector;
}

class Collector implements DecodedWrite {
  readonly samples: Sample[] = [];
  count = 0;
  #series = 0;
  readonly #names: ReadonlySet<string>;

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
  }

  /** Value and epoch seconds. */
  sample(bytes: Uint8Array): [number, number] {
    if (++this.count > MOST_SAMPLES) throw new TooMuch(`more than ${MOST_SAMPLES} samples`);
    let [value, at] = [0, 0];
    walk(bytes, (number, type, reader) => {
      if (number === 1 && type === WireType.Bit64) value = reader.double();
      else if (number === 2 && type === WireType.Varint) at = Number(reader.int64()) / 1000;
      else return false;
      return true;
    });
    return [value, at];
  }

  series(labels: Map<string, string>, values: readonly [number, number][]): void {
    if (++this.#series > MOST_SERIES) throw new TooMuch(`more than ${MOST_SERIES} series`);
    const name = labels.get("__name__");
    if (name === undefined || !this.#names.has(name)) return;
    labels.delete("__name__");
    // NaN is how Prometheus says that there is no value any more.
    for (const [value, at] of values) if (!Number.isNaN(value)) this.samples.push({ name, labels, value, at });
  }
}

function label(bytes: Uint8Array): [string, string] {
  let [name, value] = ["", ""];
  walk(bytes, (number, type, reader) => {
    if (number === 1 && isBytes(type)) name = reader.string();
    else if (number === 2 && isBytes(type)) value = reader.string();
    else return false;
    return true;
  });
  return [name, value];
}

function addLabel(labels: Map<string, string>, name: string, value: string): void {
  if (labels.size >= MOST_LABELS) throw new TooMuch(`more than ${MOST_LABELS} labels of one series`);
  labels.set(prometheusName(name), value);
}
