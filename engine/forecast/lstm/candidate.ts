import type { GlobalModel } from "./global-model.port.ts";
import { heldOutLoss } from "./held-out.ts";
import { createGlobalModel } from "./model-file.ts";
import { canonicalHorizons, type NetworkShape } from "./network.ts";
import { RecordedPast } from "./recorded-past.ts";
import { training } from "./training.ts";

export interface CandidateInput {
  /** One value a tick, oldest first, NaN a gap; all of them end at the same time. */
  readonly series: readonly Float32Array[];
  /** Seconds a tick, and ticks a season. */
  readonly step: number;
  readonly season: number;
  readonly seed: number;
  /** Epoch seconds, for the record. */
  readonly at: number;
  /** Steps of the optimiser, at most; without it as many as training takes. */
  readonly updates?: number;
  /** The model in force. */
  readonly present?: GlobalModel;
}

/** What came of a training: a model that takes the present one's place, or the reason why none does. */
export type Outcome = { readonly model: GlobalModel } | { readonly kept: string };

/**
 * Trains a candidate on all but the last of each series, and compares it there with seasonal naive and with the model in force. One that is better
 * than both is trained once more, on all there is. Yields the share of a training that is done now and then.
 *
 * @throws RangeError where no series is long enough to learn from
 */
export function* trainCandidate(input: CandidateInput): Generator<number, Outcome> {
  const { step, season, seed, at, updates, present } = input;
  const series: RecordedPast[] = [];
  for (const values of input.series) {
    series.push(new RecordedPast(values, season));
    if (series.length % 16 === 0) yield 0;
  }
  const shape: NetworkShape = { step, season, horizons: canonicalHorizons(season) };
  const heldOut = heldOutTicks(series, season);
  const parameters = yield* training(shape, series, { heldOut, seed, updates });
  const { model: loss, naive: naiveLoss, samples } = heldOutLoss({ shape, parameters }, series, heldOut);
  if (!Number.isFinite(loss))
    return { kept: `no forecast of the last ${heldOut} ticks could be compared (${samples})` };
  if (loss >= naiveLoss)
    return {
      kept: `a loss of ${loss.toFixed(4)} on held-out ticks is no better than seasonal naive's ${naiveLoss.toFixed(4)}`,
    };
  if (present !== undefined && JSON.stringify(present.shape) === JSON.stringify(shape)) {
    const before = heldOutLoss(present, series, heldOut).model;
    if (loss >= before)
      return {
        kept: `a loss of ${loss.toFixed(4)} on held-out ticks is no better than the present model's ${before.toFixed(4)}`,
      };
  }
  const proven = yield* training(shape, series, { heldOut: 0, seed, updates });
  const ticks = series.reduce((sum, one) => sum + one.ticks, 0);
  return { model: createGlobalModel(shape, proven, { at, series: series.length, ticks, loss, naiveLoss }) };
}

/** `trainCandidate` from beginning to end on this thread, which it takes for seconds. */
export function trainAtOnce(input: CandidateInput): Outcome {
  const candidate = trainCandidate(input);
  for (;;) {
    const { done, value } = candidate.next();
    if (done) return value;
  }
}

/** A season, or a quarter of what can be learnt from where there is less than four of that. */
function heldOutTicks(series: readonly RecordedPast[], season: number): number {
  const longest = series.reduce((most, one) => Math.max(most, one.ticks - one.first), 0);
  return Math.round(Math.min(season, longest / 4));
}
