import { createHash } from "node:crypto";

/** SHA-256 of a plain value: keys in order, what is `undefined` left away, so that equal values have equal digests. */
export function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value, (_, part) => sorted(part)) ?? "")
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
