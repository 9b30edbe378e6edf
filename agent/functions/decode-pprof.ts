import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { FUNCTION, LINE, LOCATION, NANOSECONDS, PROFILE, SAMPLE, VALUE_TYPE } from "./pprof-fields.ts";
import type { Frame, Profile } from "./profile.ts";

/** Fields that one profile may have, those of its messages among them. */
const MOST_FIELDS = 2_000_000;

/**
 * Reads a pprof Profile that has a value of the type `cpu` in nanoseconds.
 *
 * @param bytes not compressed
 * @throws Error when they are none, or it has no such value
 */
export function decodePprof(bytes: Uint8Array): Profile {
  const budget = { fields: MOST_FIELDS };
  const profile = new Message(bytes, budget);
  const messages = (field: number) => profile.contents(field).map((content) => new Message(content, budget));
  const decoder = new TextDecoder();
  const strings = profile.contents(PROFILE.string).map((content) => decoder.decode(content));
  const types = messages(PROFILE.sampleType).map(
    (type) => `${strings[type.number(VALUE_TYPE.type)]}/${strings[type.number(VALUE_TYPE.unit)]}`,
  );
  const value = types.indexOf("cpu/nanoseconds");
  if (value < 0) throw new Error(`expected a profile with cpu/nanoseconds, found ${types.join(", ") || "no values"}`);
  const frames = new Map<number, Frame>();
  for (const one of messages(PROFILE.function))
    frames.set(one.number(FUNCTION.id), {
      name: strings[one.number(FUNCTION.name)] ?? "",
      file: strings[one.number(FUNCTION.file)] ?? "",
      line: one.number(FUNCTION.line),
    });
  // A location has a line for each function that was inlined there, the innermost first.
  const locations = new Map<number, readonly Frame[]>();
  for (const one of messages(PROFILE.location)) {
    const lines = one.contents(LOCATION.line).map((line) => new Message(line, budget).number(LINE.function));
    locations.set(
      one.number(LOCATION.id),
      lines.flatMap((id) => frames.get(id) ?? []),
    );
  }
  const samples = messages(PROFILE.sample).flatMap((sample) => {
    const nanoseconds = sample.numbers(SAMPLE.value)[value] ?? 0;
    const stack = sample.numbers(SAMPLE.location).flatMap((id) => locations.get(id) ?? []);
    return nanoseconds > 0 ? [{ stack, nanoseconds }] : [];
  });
  return {
    at: profile.number(PROFILE.time) / NANOSECONDS,
    seconds: profile.number(PROFILE.duration) / NANOSECONDS,
    samples,
  };
}

/** The numbers and the contents of a message, by field. */
class Message {
  readonly #numbers = new Map<number, number[]>();
  readonly #contents = new Map<number, Uint8Array[]>();

  constructor(bytes: Uint8Array, budget: { fields: number }) {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      if (--budget.fields < 0) throw new Error(`expected at most ${MOST_FIELDS} fields in a profile, found more`);
      const [field, type] = reader.tag();
      if (type === WireType.Varint) append(this.#numbers, field, Number(reader.int64()));
      else if (type === WireType.LengthDelimited) append(this.#contents, field, reader.bytes());
      else reader.skip(type, field);
    }
  }

  number(field: number): number {
    return this.#numbers.get(field)?.at(-1) ?? 0;
  }

  contents(field: number): readonly Uint8Array[] {
    return this.#contents.get(field) ?? [];
  }

  /** Of a repeated field, written one by one or packed. */
  numbers(field: number): number[] {
    const numbers = [...(this.#numbers.get(field) ?? [])];
    for (const content of this.contents(field)) {
      const reader = new BinaryReader(content);
      while (reader.pos < reader.len) numbers.push(Number(reader.int64()));
    }
    return numbers;
  }
}

function append<Value>(map: Map<number, Value[]>, field: number, value: Value): void {
  const known = map.get(field);
  if (known === undefined) map.set(field, [value]);
  else known.push(value);
}
