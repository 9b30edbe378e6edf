const LENGTH_DELIMITED = 2;

/** The parts of a protobuf message, in order, which are copied once: into the request. */
export class MessageParts {
  readonly #parts: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Buffer): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  /** `number: message`, for fields below 16. */
  message(number: number, content: MessageParts): this {
    this.add(lengthDelimited(number, content.length));
    for (const part of content.#parts) this.add(part);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}

/** What stands before a content of so many bytes in a field below 16. */
export function lengthDelimited(number: number, length: number): Buffer {
  return varints([(number << 3) | LENGTH_DELIMITED, length]);
}

/** Bytes of `field: content`, for length-delimited fields below 16. */
export function field(number: number, content: Buffer | string): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return Buffer.concat([lengthDelimited(number, bytes.length), bytes]);
}

/** Unsigned, below 2^53, one after another. */
function varints(values: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (let value of values) {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    bytes.push(value);
  }
  return Buffer.from(bytes);
}

/** A KeyValue with a string, or with an integer that is not negative. */
export function keyValue(key: string, value: string | number): Buffer {
  const any = typeof value === "string" ? field(1, value) : varints([3 << 3, Math.max(0, value)]);
  return Buffer.concat([field(1, key), field(2, any)]);
}
