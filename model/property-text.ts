import { formatInstant } from "./instant.ts";
import { formatBytes, formatRate } from "./units.ts";

/** A property's value as people write it: sizes and rates with their units, instants in UTC, `–` for none. */
export function propertyText(property: string, value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (typeof value !== "number") return typeof value === "string" ? value : JSON.stringify(value);
  if (/(^|\.)at$/.test(property)) return formatInstant(value);
  if (/(memory|size)$/i.test(property)) return formatBytes(value);
  if (/(bandwidth|throughput)$/i.test(property)) return formatRate(value);
  return String(value);
}
