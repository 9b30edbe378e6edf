/** Typed arrays as text that JSON carries without loss: base64 of the doubles, little-endian. NaN survives, as it does not in JSON. */
export function encode(array: Float64Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
}

/** Reads what `encode` wrote into an array of the same length; another length is a state of other options and throws. */
export function decodeInto(target: Float64Array, text: string): void {
  const bytes = Buffer.from(text, "base64");
  if (bytes.byteLength !== target.byteLength)
    throw new RangeError(`expected a state of ${target.length} doubles, found ${bytes.byteLength / 8}`);
  target.set(new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)));
}
