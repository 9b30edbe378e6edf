import { formatShort } from "./units.ts";

export interface BandPoint {
  /** Ticks after the last value of the history. */
  readonly ahead: number;
  readonly point: number;
  readonly lower: number;
  readonly upper: number;
}

export interface ChartOptions {
  readonly marks?: readonly Mark[];
  readonly width?: number;
  readonly height?: number;
}

const HEIGHT = 12;
const WIDTH = 100;

/** A span of the future, in ticks after the last value of the history: from its first tick to its last. */
export interface Mark {
  readonly first: number;
  readonly last: number;
}

/**
 * History and forecast with its band in characters: `•` what was, `─` the middle forecast, `░` the band, a line `│` at now.
 * A gap in the history stays empty. Marked spans, such as planned events, are underlined with `▲`.
 */
export function bandChart(
  history: readonly (number | null)[],
  forecast: readonly BandPoint[],
  { marks = [], width = WIDTH, height = HEIGHT }: ChartOptions = {},
): string[] {
  const last = forecast.at(-1)?.ahead ?? 0;
  const past = Math.min(history.length, Math.max(last, Math.floor(width / 3)));
  const shown = history.slice(history.length - past);
  const total = past + last;
  if (total === 0) return ["  no data yet"];
  const columns = Math.min(width, total);
  const ticksPerColumn = total / columns;
  const known = [
    ...shown.filter((value) => value !== null),
    ...forecast.flatMap(({ lower, upper, point }) => [lower, upper, point]),
  ];
  const top = Math.max(...known, 1e-12);
  const row = (value: number) => Math.min(height - 1, Math.max(0, Math.round((value / top) * (height - 1))));
  const grid = Array.from({ length: height }, () => Array<string>(columns).fill(" "));
  const nowColumn = Math.floor(past / ticksPerColumn);
  for (let column = 0; column < columns; column++) {
    if (column === nowColumn && past > 0) for (const line of grid) line[column] = "│";
    if (column < nowColumn) {
      const values = shown.slice(
        Math.floor(column * ticksPerColumn),
        Math.max(Math.floor((column + 1) * ticksPerColumn), 1 + Math.floor(column * ticksPerColumn)),
      );
      const present = values.filter((value) => value !== null);
      if (present.length > 0) grid[row(present.reduce((sum, value) => sum + value, 0) / present.length)][column] = "•";
    } else if (forecast.length > 0) {
      const at = interpolate(forecast, (column + 0.5) * ticksPerColumn - past);
      for (let line = row(at.lower); line <= row(at.upper); line++) grid[line][column] = "░";
      grid[row(at.point)][column] = "─";
    }
  }
  const lines = grid
    .map((line, index) => {
      const label = index === height - 1 ? formatShort(top) : index === 0 ? "0" : "";
      return `  ${label.padStart(6)} ┤${line.join("")}`.trimEnd();
    })
    .reverse();
  const underline = Array.from({ length: columns }, (_, column) => {
    const [from, to] = [column * ticksPerColumn - past, (column + 1) * ticksPerColumn - past];
    return marks.some(({ first, last: end }) => first - 1 < to && end > from && to > 0) ? "▲" : " ";
  }).join("");
  return underline.trim() === "" ? lines : [...lines, `  ${" ".repeat(6)}  ${underline}`.trimEnd()];
}

function interpolate(points: readonly BandPoint[], ahead: number): BandPoint {
  const after = points.findIndex((point) => point.ahead >= ahead);
  if (after <= 0) return points[after === 0 ? 0 : points.length - 1];
  const [a, b] = [points[after - 1], points[after]];
  const share = (ahead - a.ahead) / (b.ahead - a.ahead);
  const mix = (key: "point" | "lower" | "upper") => a[key] + share * (b[key] - a[key]);
  return { ahead, point: mix("point"), lower: mix("lower"), upper: mix("upper") };
}
