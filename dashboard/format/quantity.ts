import { SERIES, type SeriesName } from "../../model/dimension.ts";
import { formatShort } from "../../model/units.ts";

const UNITS: Readonly<Record<SeriesName, string>> = {
  cpu: "cores",
  memory: "bytes",
  disk: "bytes/s",
  storage: "bytes",
  network: "bytes/s",
  requests: "requests/s",
};

/** A value of a series for people: `3.2 cores`, `1.5 GiB`, `12 MiB/s`; `–` where it is not known. */
export function quantity(series: SeriesName, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const unit = UNITS[series];
  if (!unit.startsWith("bytes")) return `${formatShort(value)} ${unit}`;
  return `${binary(value)}${unit.slice("bytes".length)}`;
}

/** A value of something that may be a series: with its unit where it is one. */
export function quantityOf(subject: string, value: number): string {
  const series = SERIES.find((name) => name === subject);
  return series === undefined ? formatShort(value) : quantity(series, value);
}

/** A value of a series without the unit's words, for axes. */
export function axisQuantity(series: SeriesName, value: number): string {
  return UNITS[series].startsWith("bytes") ? binary(value) : formatShort(value);
}

function binary(bytes: number): string {
  const size = Math.abs(bytes);
  for (const [prefix, scale] of [
    ["TiB", 1024 ** 4],
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const)
    if (size >= scale) return `${Number((bytes / scale).toPrecision(3))} ${prefix}`;
  return `${Number(bytes.toPrecision(3))} B`;
}

/** A share as a percentage: `93 %`; `–` where it is not known. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined || !Number.isFinite(share) ? "–" : `${(share * 100).toFixed(0)} %`;
}

/** `1 replica`, `4 replicas`, `2,880 ticks`, `5 entries`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural(noun)}`;
}

export function plural(noun: string): string {
  if (noun.endsWith("ss")) return `${noun}es`;
  return noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
