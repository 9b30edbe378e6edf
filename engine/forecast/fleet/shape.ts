/** Quantile levels that are tracked. Others are read between them, by the logarithm of what lies beyond. */
export const LEVELS = [0.1, 0.5, 0.9, 0.95, 0.975, 0.99, 0.995, 0.998];
/** Buckets of a season at most: a quarter of an hour of a day. */
const MOST_BUCKETS = 96;
/** Phases of a season at most: a minute of a day. */
const MOST_PHASES = 1440;
/** An anchor from so many ticks on is scored at every 13th tick only, or the next number that has no divisor in common with the season. */
const SPARSE_FROM = 100;
const SPARSE = 13;

/**
 * What all series of a fleet have in common. Forecasts are made and judged at a few anchors, ticks ahead; what lies between two anchors is
 * read between them, so that one fleet serves workloads whose decisions look ahead differently far.
 */
export interface FleetShape {
  /** Seconds a tick. */
  readonly step: number;
  /** Ticks a season, and a 24th of it. */
  readonly season: number;
  readonly hour: number;
  /** Ticks a bucket, and buckets a season. */
  readonly bucket: number;
  readonly buckets: number;
  /** Ticks of a phase, and phases a season: what is usual is kept as finely as that. */
  readonly phase: number;
  readonly phases: number;
  readonly anchors: readonly number[];
  /** Per anchor: every how many ticks what was issued is scored, and how many issues wait at a time. */
  readonly strides: readonly number[];
  readonly slots: readonly number[];
  /** Per anchor: the first row of its slots, in tables that have them for all anchors. */
  readonly offsets: readonly number[];
  /** Slots of all anchors. */
  readonly waiting: number;
  readonly levels: readonly number[];
}

/** @param step seconds a tick @param season seconds; a whole number of steps, at least four */
export function fleetShape(step: number, season: number): FleetShape {
  const ticks = Math.round(season / step);
  if (!(step > 0) || Math.abs(season / step - ticks) > 1e-9 * ticks || ticks < 4 || ticks > 100_000)
    throw new RangeError(`season: expected a whole number of steps, 4 to 100000, found ${season} s of ${step} s`);
  const hour = Math.max(1, Math.round(ticks / 24));
  const bucket = divisorFrom(ticks, Math.ceil(ticks / MOST_BUCKETS));
  const phase = divisorFrom(ticks, Math.ceil(ticks / MOST_PHASES));
  const wanted = [1, hour / 12, hour / 4, hour / 2, hour, 3 * hour].map((ahead) => Math.max(1, Math.round(ahead)));
  const anchors = [...new Set(wanted)].filter((ahead) => ahead < ticks);
  const strides = anchors.map((ahead) => (ahead < SPARSE_FROM ? 1 : coprime(SPARSE, ticks)));
  const slots = anchors.map((ahead, a) => Math.ceil(ahead / strides[a]));
  const offsets = slots.map((_, a) => slots.slice(0, a).reduce((sum, n) => sum + n, 0));
  return {
    step,
    season: ticks,
    hour,
    bucket,
    buckets: ticks / bucket,
    phase,
    phases: ticks / phase,
    anchors,
    strides,
    slots,
    offsets,
    waiting: slots.reduce((sum, n) => sum + n, 0),
    levels: LEVELS,
  };
}

/** The row in which what an anchor issued for or at a tick waits; -1 where that tick is none that is scored. */
export function slotOf(shape: FleetShape, anchor: number, issuedAt: number): number {
  const stride = shape.strides[anchor];
  if (issuedAt % stride !== 0) return -1;
  return shape.offsets[anchor] + ((issuedAt / stride) % shape.slots[anchor]);
}

function divisorFrom(number: number, from: number): number {
  let found = from;
  while (number % found !== 0) found++;
  return found;
}

function coprime(from: number, to: number): number {
  let every = from;
  while (divisor(every, to) > 1) every++;
  return every;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
