import type { ForecasterOptions } from "./forecast.port.ts";

const MOST_HORIZONS = 64;
const MOST_LEVELS = 16;
/** Ticks a season: a day at one second is 86,400. */
const SEASON = { least: 4, most: 100_000 };

/** Throws a `RangeError` that says which option is out of bounds, what was expected and what was found. */
export function checkOptions(options: ForecasterOptions): void {
  const { step, season, levels, horizons } = options;
  require(step > 0 && Number.isFinite(step), "step", "seconds greater than 0", step);
  const ticks = season / step;
  require(Math.abs(ticks - Math.round(ticks)) < 1e-9 * ticks &&
    ticks >= SEASON.least &&
    ticks <= SEASON.most, "season", `a whole number of steps, ${SEASON.least} to ${SEASON.most}`, season);
  require(levels.length > 0 &&
    levels.length <= MOST_LEVELS &&
    ascending(levels) &&
    levels[0] > 0 &&
    levels[levels.length - 1] < 1, "levels", `1 to ${MOST_LEVELS} ascending numbers inside (0, 1)`, levels);
  require(horizons.length > 0 &&
    horizons.length <= MOST_HORIZONS &&
    ascending(horizons) &&
    horizons.every(
      (h) => Number.isInteger(h) && h >= 1 && h <= 7 * ticks,
    ), "horizons", `1 to ${MOST_HORIZONS} ascending whole numbers of ticks, from 1 to seven seasons (${7 * Math.round(ticks)})`, horizons);
  require(Number.isFinite(options.startsAt), "startsAt", "epoch seconds", options.startsAt);
}

function ascending(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n > numbers[i - 1]);
}

function require(holds: boolean, option: string, expected: string, found: unknown): void {
  if (!holds) throw new RangeError(`${option}: expected ${expected}, found ${JSON.stringify(found)}`);
}
