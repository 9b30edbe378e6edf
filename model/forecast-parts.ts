/** What one number of a forecast is made of, in the unit of the series. The parts from `level` to `recent` add up to `point`. */
export interface ForecastParts {
  /** Epoch seconds of the end of the tick that it is of. */
  readonly at: number;
  /** Mean of the last week, and how much the trend since adds. */
  readonly level: number;
  readonly trend: number;
  /** What the time of the day adds, and what the time of the week adds to that. */
  readonly daily: number;
  readonly weekly: number;
  /** What planned events add. */
  readonly event: number;
  /** What the last values add: how the present differs from what is usual. */
  readonly recent: number;
  /** The middle forecast. */
  readonly point: number;
  /** What the quantile that decides has above the middle, and that quantile: `point + margin`. */
  readonly margin: number;
  readonly quantile: number;
}

/** The parts that add up to a forecast, by what people call them, in the order in which they add up. */
export const FORECAST_PARTS = [
  ["level", "level"],
  ["trend", "trend"],
  ["time of day", "daily"],
  ["time of week", "weekly"],
  ["events", "event"],
  ["lately", "recent"],
] as const satisfies readonly (readonly [string, keyof ForecastParts])[];
