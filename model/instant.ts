/** Epoch seconds as ISO 8601 in UTC without needless parts: `2026-11-24T08:00Z`, `2026-11-24T08:00:30Z`. */
export function formatInstant(seconds: number): string {
  const text = new Date(Math.round(seconds * 1000)).toISOString();
  if (text.endsWith(":00.000Z")) return `${text.slice(0, -8)}Z`;
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text;
}

/** Epoch seconds from ISO 8601 or a plain number of epoch seconds. `undefined` when the text is neither. */
export function parseInstant(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const parsed = /\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(parsed) ? parsed / 1000 : undefined;
}
