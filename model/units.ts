/**
 * Units as people write them in the public files, and as the engine counts with them.
 * Inside the program: bytes, bytes per second, seconds, cores, a share between 0 and 1.
 */

const BINARY = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;
const DECIMAL = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;
const BITS = { bit: 1 / 8, kbit: 1e3 / 8, Mbit: 1e6 / 8, Gbit: 1e9 / 8, Tbit: 1e12 / 8 } as const;
const BYTE_UNITS: Record<string, number> = { ...BINARY, ...DECIMAL };
const RATE_UNITS: Record<string, number> = { ...BINARY, ...DECIMAL, ...BITS };
const SECONDS: Record<string, number> = { ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

function quantity(text: string, units: Record<string, number>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const unit = match && units[match[2]];
  return match && unit !== undefined && unit !== null ? Number(match[1]) * unit : undefined;
}

/** Bytes from `4GiB`, `512MiB`, `10GB`. `undefined` when the text is not a size. */
export function parseBytes(text: string): number | undefined {
  return quantity(text, BYTE_UNITS);
}

/** Bytes per second from `250MiB/s` or `1Gbit/s`. `undefined` when the text is not a rate. */
export function parseRate(text: string): number | undefined {
  const match = /^(.*)\/s$/.exec(text.trim());
  return match ? quantity(match[1], RATE_UNITS) : undefined;
}

/** Seconds from `300ms`, `30s`, `5m`, `24h`, `7d` or a sum such as `1h30m`. `undefined` when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(trimmed)) return undefined;
  let seconds = 0;
  for (const [, value, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g))
    seconds += Number(value) * SECONDS[unit];
  return seconds;
}

/** A share between 0 and 1 from `70%` or `0.5%`. `undefined` when the text is not a percentage. */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  return match ? Number(match[1]) / 100 : undefined;
}

/** USD per hour from `12.50 USD/h`. `undefined` when the text is not a price. */
export function parsePrice(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*USD\/h$/.exec(text.trim());
  return match ? Number(match[1]) : undefined;
}

/** A factor from `3x`, `+40%` or `-20%`, between a hundredth and a hundred times. `undefined` when the text is none. */
export function parseUplift(text: string): number | undefined {
  const times = /^(\d+(?:\.\d+)?)\s*x$/.exec(text.trim());
  const percent = /^([+-]\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  const factor = times ? Number(times[1]) : percent ? 1 + Number(percent[1]) / 100 : Number.NaN;
  return factor >= 0.01 && factor <= 100 ? factor : undefined;
}

/** The shortest exact text of a number of bytes, in binary units: `4GiB`, `1536MiB`, `100B`. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of Object.entries(BINARY).reverse())
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  return `${bytes}B`;
}

/** The shortest exact text of a rate in bytes per second: `1Gbit/s` where the bits are round in decimal, else `250MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  const bits = bytesPerSecond * 8;
  for (const [unit, size] of [
    ["Gbit", 1e9],
    ["Mbit", 1e6],
    ["kbit", 1e3],
  ] as const)
    if (bits >= size && bits % size === 0) return `${bits / size}${unit}/s`;
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** A number for people: three significant digits with a metric prefix, `1.2M`, `340k`, `0.25`. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  for (const [prefix, scale] of [
    ["T", 1e12],
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const)
    if (size >= scale) return `${Number((value / scale).toPrecision(3))}${prefix}`;
  return `${Number(value.toPrecision(3))}`;
}
