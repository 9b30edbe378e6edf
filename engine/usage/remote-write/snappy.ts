/**
 * Reads a block of Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt), which Prometheus' remote write
 * is packed in.
 *
 * @param most bytes that it may become
 * @throws RangeError when it says that it becomes more, SyntaxError when it is no such block
 */
export function decompressSnappy(block: Uint8Array, most: number): Uint8Array {
  const { value: length, next } = readLength(block);
  if (length > most) throw new RangeError(`${length} bytes`);
  const out = new Uint8Array(length);
  let [from, to] = [next, 0];
  while (from < block.length) {
    const tag = block[from++];
    if ((tag & 3) === 0) {
      const short = tag >> 2;
      const extra = Math.max(0, short - 59);
      const size = (extra === 0 ? short : littleEndian(block, from, extra)) + 1;
      from += extra;
      if (from + size > block.length || to + size > length) throw malformed();
      out.set(block.subarray(from, from + size), to);
      from += size;
      to += size;
      continue;
    }
    const bytes = (tag & 3) === 3 ? 4 : tag & 3;
    const size = bytes === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset = littleEndian(block, from, bytes) + (bytes === 1 ? (tag >> 5) << 8 : 0);
    from += bytes;
    if (offset === 0 || offset > to || to + size > length) throw malformed();
    // What is copied may include what is being written.
    if (offset >= size) out.copyWithin(to, to - offset, to - offset + size);
    else for (let i = 0; i < size; i++) out[to + i] = out[to + i - offset];
    to += size;
  }
  if (to !== length) throw malformed();
  return out;
}

function readLength(block: Uint8Array): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    value += (block[i] & 127) * 2 ** (7 * i);
    if (block[i] < 128) return { value, next: i + 1 };
  }
  throw malformed();
}

function littleEndian(block: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > block.length) throw malformed();
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + block[at + i];
  return value;
}

function malformed(): SyntaxError {
  return new SyntaxError("not a block of Snappy");
}
