/**
 * The number after `key` in a flat keyed file, a line a key (Documentation/admin-guide/cgroup-v2.rst, "Format"); `NaN` when it is
 * not there.
 */
export function keyedNumber(text: string, key: string): number {
  const start = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
  if (start === 0 && !text.startsWith(`${key} `)) return Number.NaN;
  const digits = /^\d+/.exec(text.slice(start + key.length + 1, start + key.length + 32));
  return digits === null ? Number.NaN : Number(digits[0]);
}

/** Sum of the keys that are there; `NaN` when none is. */
export function keyedSum(text: string, keys: readonly string[]): number {
  const found = keys.map((key) => keyedNumber(text, key)).filter((value) => !Number.isNaN(value));
  return found.length === 0 ? Number.NaN : found.reduce((sum, value) => sum + value, 0);
}
