const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/**
 * Numbers in 16 bits: the upper half of a single-precision number ("bfloat16"), rounded to the nearest, so to 0.4 %. For what is
 * usual, which is known no better than that.
 */
export function toHalf(value: number): number {
  single[0] = value;
  if (Number.isNaN(value)) return HALF_NAN;
  return (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16;
}

export function fromHalf(half: number): number {
  bits[0] = half << 16;
  return single[0];
}

export const HALF_NAN = 0x7fc0;
