type Numbers = Float64Array | Float32Array | Uint16Array;

/** Typed arrays as text that JSON carries without loss: base64 of the numbers, little-endian. NaN survives, as it does not in JSON. */
export function encode(array: Numbers): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
}

/** Reads what `encode` wrote into an array of the same length; another length is a state of other options and throws. */
export function decodeInto(target: Numbers, text: string): void {
  const bytes = Buffer.from(text, "base64");
  if (bytes.byteLength !== target.byteLength) {
    const each = target.BYTES_PER_ELEMENT;
    throw new RangeError(`expected a state of ${target.length} numbers, found ${bytes.byteLength / each}`);
  }
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
}
