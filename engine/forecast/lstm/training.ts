import { randomNumbers } from "../synthetic.ts";
import { Adam } from "./adam.ts";
import { Bptt } from "./bptt.ts";
import { Lanes } from "./lanes.ts";
import { initialParameters, type NetworkShape } from "./network.ts";
import type { RecordedPast } from "./recorded-past.ts";

const LANES = 64;
/** Ticks a stretch. */
const TICKS = 48;
/** Times that each tick is seen on average, and the most steps of the optimiser: each takes about 11 ms of a core. */
const EPOCHS = 40;
const MOST_UPDATES = 2_500;
const RATE = 4e-3;
/** Greatest norm of a gradient. */
const CLIP = 0.5;
/** Without it, and with many more epochs, a few series of a few weeks are learnt by heart. */
const DECAY = 1;

export interface TrainingOptions {
  /** Ticks at the end of each series that are not looked at. */
  readonly heldOut: number;
  readonly seed: number;
  /** Steps of the optimiser, at most. */
  readonly updates?: number;
}

/**
 * Trains a network on the given series from nothing, with stretches drawn from them at random; the same series, seed and Node give the same
 * parameters. Yields the share that is done now and then, so that a caller can let go of the thread.
 *
 * @throws RangeError where no series is long enough to learn from
 */
export function* training(
  shape: NetworkShape,
  series: readonly RecordedPast[],
  { heldOut, seed, updates: most = MOST_UPDATES }: TrainingOptions,
): Generator<number, Float32Array> {
  const random = randomNumbers(seed);
  const bptt = new Bptt(shape, LANES, TICKS);
  bptt.parameters.set(initialParameters(shape, random));
  const lanes = new Lanes(series, shape, heldOut, bptt, random);
  const updates = Math.max(1, Math.min(most, Math.round((EPOCHS * lanes.total) / (LANES * TICKS))));
  const adam = new Adam(bptt.parameters.length);
  for (let n = 0; n < updates; n++) {
    lanes.fill();
    bptt.lossAndGradient();
    adam.step(bptt.parameters, bptt.gradient, rate(n, updates), CLIP, DECAY);
    bptt.carry();
    if (n % 16 === 15) yield n / updates;
  }
  return bptt.parameters.slice();
}

/** Rises over the first twentieth, then falls as a half cosine to a fiftieth (Loshchilov and Hutter 2017). */
function rate(n: number, updates: number): number {
  const rising = Math.min(1, (n + 1) / (updates / 20));
  return RATE * rising * (0.02 + 0.98 * 0.5 * (1 + Math.cos((Math.PI * n) / updates)));
}
