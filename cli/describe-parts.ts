import { FORECAST_PARTS, type ForecastParts } from "../model/forecast-parts.ts";
import { formatInstant } from "../model/instant.ts";
import { formatShort } from "../model/units.ts";
import { table } from "./output.ts";

/** What each number of a forecast is made of, a line each: the parts, their sum, the margin and the quantile that decides. */
export function partsTable(all: readonly ForecastParts[]): string[] {
  return table([
    ["", "until", ...FORECAST_PARTS.map(([title]) => title), "= forecast", "+ margin", "= decides"],
    ...all.map((parts) => [
      "",
      formatInstant(parts.at),
      ...FORECAST_PARTS.map(([, key], i) => (i === 0 ? formatShort(parts[key]) : signed(parts[key]))),
      formatShort(parts.point),
      signed(parts.margin),
      formatShort(parts.quantile),
    ]),
  ]);
}

/** One number of a forecast and its parts in words, those that add nothing left out. */
export function partsSentence(parts: ForecastParts): string {
  const shown = FORECAST_PARTS.filter(([, key]) => key === "level" || Math.abs(parts[key]) > 0.005 * parts.point);
  const sum = shown.map(([title, key]) => `${title} ${key === "level" ? formatShort(parts[key]) : signed(parts[key])}`);
  return `${formatShort(parts.point)} forecast for ${formatInstant(parts.at)} = ${sum.join(", ")}; with the margin ${formatShort(parts.quantile)}`;
}

function signed(value: number): string {
  return value < 0 ? `−${formatShort(-value)}` : `+${formatShort(value)}`;
}
