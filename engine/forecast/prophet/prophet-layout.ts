import type { PlannedEvent } from "../../../model/planned-event.ts";

/** Instants at equal distances. */
export interface TimeGrid {
  /** Epoch seconds of the first instant. */
  readonly startsAt: number;
  /** Seconds from one instant to the next. */
  readonly step: number;
  readonly length: number;
  /** Seconds of the shorter season ("day"); the longer ("week") is seven of them. */
  readonly season: number;
}

/** A periodic part: so many pairs of cosine and sine. */
export interface FourierSeason {
  /** Seconds. */
  readonly period: number;
  readonly order: number;
}

/** Which columns the regression has over a grid: slope, offset, one ramp a change point, Fourier pairs, one indicator an event's name. */
export interface ProphetLayout {
  readonly startsAt: number;
  /** Seconds of one unit of the trend's time: from the grid's first instant to its last. */
  readonly span: number;
  /** Seconds that an instant stands for, half before it and half after. */
  readonly step: number;
  /** In the trend's time, ascending. */
  readonly changePoints: readonly number[];
  readonly seasons: readonly FourierSeason[];
  readonly events: readonly (readonly PlannedEvent[])[];
}

/** Prophet's defaults (facebook/prophet, forecaster.py): change points over the first 80 % of the history, orders of the seasons. */
const CHANGE_POINTS = 25;
const CHANGE_POINT_RANGE = 0.8;
const ORDERS = { day: 4, week: 3 };
/** Coefficients of the season that has most. */
export const MOST_WAVES = 2 * Math.max(ORDERS.day, ORDERS.week);
/** Seasons of history from which on a part is estimated. */
const LEAST_HISTORY = { day: 2, week: 14 };
/** Names of events that have a column each; those that come first in the alphabet. */
const MOST_EVENTS = 16;

/** Lays out the columns for a grid as Prophet would: a season counts once two of its periods have been seen. */
export function layOut(grid: TimeGrid, events: readonly PlannedEvent[]): ProphetLayout {
  const { startsAt, step, length, season } = grid;
  const span = (length - 1) * step;
  const within = Math.floor(length * CHANGE_POINT_RANGE);
  const count = Math.max(0, Math.min(CHANGE_POINTS, within - 1));
  const changePoints = Array.from({ length: count }, (_, j) => {
    const index = Math.round(((j + 1) * (within - 1)) / count);
    return index / (length - 1);
  });
  const seasons: FourierSeason[] = [];
  if (span >= LEAST_HISTORY.week * season) seasons.push({ period: 7 * season, order: ORDERS.week });
  if (span >= LEAST_HISTORY.day * season) seasons.push({ period: season, order: ORDERS.day });
  const names = [...new Set(events.map(({ name }) => name))].sort().slice(0, MOST_EVENTS);
  return {
    startsAt,
    span,
    step,
    changePoints,
    seasons,
    events: names.map((name) => events.filter((event) => event.name === name)),
  };
}

/** Columns of a layout. */
export function columnsOf({ changePoints, seasons, events }: ProphetLayout): number {
  return 2 + changePoints.length + seasons.reduce((sum, { order }) => sum + 2 * order, 0) + events.length;
}

/** Writes the row of an instant to `out`: what each column's coefficient is multiplied with. */
export function rowAt(layout: ProphetLayout, at: number, out: Float64Array): void {
  const { startsAt, span, step, changePoints, seasons, events } = layout;
  const t = (at - startsAt) / span;
  out[0] = t;
  out[1] = 1;
  let column = 2;
  for (const changePoint of changePoints) out[column++] = t > changePoint ? t - changePoint : 0;
  for (const { period, order } of seasons) {
    harmonics(at, period, order, out, column);
    column += 2 * order;
  }
  for (const occurrences of events) out[column++] = shareOf(occurrences, at, step);
}

/** cos x, sin x, cos 2x, sin 2x, … of the phase of a period, by the addition theorems: one pair is computed, the others follow. */
export function harmonics(at: number, period: number, order: number, out: Float64Array, from: number): void {
  const phase = (2 * Math.PI * (at % period)) / period;
  const cosine = Math.cos(phase);
  const sine = Math.sin(phase);
  let c = 1;
  let s = 0;
  for (let n = 0; n < order; n++) {
    const next = c * cosine - s * sine;
    s = s * cosine + c * sine;
    c = next;
    out[from + 2 * n] = c;
    out[from + 2 * n + 1] = s;
  }
}

/** The share of the time around an instant that is covered by any of the events, 0 to 1. */
export function shareOf(events: readonly PlannedEvent[], at: number, width: number): number {
  let covered = 0;
  for (const { from, to } of events)
    covered += Math.max(0, Math.min(to, at + width / 2) - Math.max(from, at - width / 2));
  return Math.min(1, covered / width);
}
