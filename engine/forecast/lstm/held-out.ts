import type { GlobalModel } from "./global-model.port.ts";
import { REGRESSORS, writeInputs, writeRegressors } from "./inputs.ts";
import { createBatch } from "./lstm-batch.ts";
import { horizonWeight } from "./network.ts";
import type { RecordedPast } from "./recorded-past.ts";

/** The regressor that says what seasonal naive forecasts. */
const LAST_SEASON = 3;

/** Mean |error| in spreads, as in training; of the model and of seasonal naive. */
export interface HeldOutLoss {
  readonly model: number;
  readonly naive: number;
  /** Forecasts compared with what came. */
  readonly samples: number;
}

/**
 * How wrong a model is on the last `heldOut` ticks of each series, forecasting tick by tick as it would have been asked to. The state has `warm` ticks
 * before them to come about.
 */
export function heldOutLoss(
  model: Pick<GlobalModel, "shape" | "parameters">,
  series: readonly RecordedPast[],
  heldOut: number,
  warm = 96,
): HeldOutLoss {
  const { season, horizons } = model.shape;
  const usable = series.filter((one) => one.ticks - heldOut - warm >= one.first);
  const batch = createBatch(model, usable.length);
  const regressors = new Float32Array(REGRESSORS);
  let [wrong, naiveWrong, weights, samples] = [0, 0, 0, 0];
  for (let back = heldOut + warm; back > 1; back--) {
    usable.forEach((past, i) => {
      writeInputs(past, season, past.ticks - back, batch.rows, i * batch.stride);
    });
    batch.step();
    if (back > heldOut) continue;
    usable.forEach((past, i) => {
      const tick = past.ticks - back;
      for (const ahead of horizons) {
        const came = past.target(tick, ahead);
        if (Number.isNaN(came)) continue;
        const weight = past.weight(tick) * horizonWeight(season, ahead);
        writeRegressors(past, season, tick, ahead, regressors, 0);
        wrong += weight * Math.abs(batch.deviation(i, ahead, regressors, 0) - came);
        naiveWrong += weight * Math.abs(regressors[LAST_SEASON] - came);
        weights += weight;
        samples++;
      }
    });
  }
  return { model: wrong / weights, naive: naiveWrong / weights, samples };
}
