/** A block that a reader of Snappy takes: literals, and a copy of two bytes' offset where a byte repeats. Compresses runs alone. */
export function snappyBlock(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let rest = bytes.length;
  for (; rest > 127; rest >>= 7) out.push((rest & 127) | 128);
  out.push(rest);
  for (let at = 0; at < bytes.length; ) {
    let run = 1;
    while (run < 65 && bytes[at + run] === bytes[at]) run++;
    if (at > 0 && run > 4 && bytes[at - 1] === bytes[at]) {
      const size = Math.min(run, 64);
      out.push(((size - 1) << 2) | 2, 1, 0);
      at += size;
    } else {
      const size = Math.min(60, run > 4 ? 1 : bytes.length - at);
      out.push((size - 1) << 2, ...bytes.subarray(at, at + size));
      at += size;
    }
  }
  return Uint8Array.from(out);
}
