import { Worker } from "node:worker_threads";
import { siblingModule } from "../../model/sibling.ts";
import type { ArimaCoefficients, ArimaFitter } from "./arima-fitter.port.ts";
import { ArmaFilter, inadmissible } from "./arma-filter.ts";

export interface ArimaFitterOptions {
  /** Milliseconds that one fit may take before it is given up and its thread ended. */
  readonly budget?: number;
  /** Fits after which the thread is replaced, since the package leaks. */
  readonly recycleAfter?: number;
}

/** The package breaks for good above about 8,211 values. */
const MOST_VALUES = 8_000;
const MOST_WAITING = 256;
/** Ticks ahead that the package's forecast and that of its coefficients are compared over. */
const COMPARED = [1, 2, 4, 8, 16];

type Answer = { coefficients: ArimaCoefficients; forecast: number[] } | { error: string };

/** Fits ARIMAs with the `arima` package in a worker thread: one at a time, within a budget, and each result checked before it is used. */
export function createArimaFitter({ budget = 5_000, recycleAfter = 40 }: ArimaFitterOptions = {}): ArimaFitter {
  let worker: Worker | undefined;
  let fits = 0;
  let waiting = 0;
  let closed = false;
  let queue: Promise<unknown> = Promise.resolve();

  async function end(): Promise<void> {
    const ending = worker;
    worker = undefined;
    fits = 0;
    await ending?.terminate();
  }

  function ask(series: Float64Array): Promise<Answer> {
    worker ??= start();
    const asked = worker;
    asked.ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(() => reject(new Error(`arima: no fit within ${budget} ms`))), budget);
      const onMessage = (answer: Answer) => finish(() => resolve(answer));
      const onError = (error: Error) => finish(() => reject(new Error(`arima: the worker failed: ${error.message}`)));
      const onExit = (code: number) => finish(() => reject(new Error(`arima: the worker ended with ${code}`)));
      function finish(settle: () => void) {
        clearTimeout(timer);
        asked.off("message", onMessage).off("error", onError).off("exit", onExit);
        asked.unref();
        settle();
      }
      asked.on("message", onMessage).on("error", onError).on("exit", onExit);
      asked.postMessage({ series: [...series], ahead: COMPARED[COMPARED.length - 1] });
    });
  }

  async function run(series: Float64Array): Promise<ArimaCoefficients> {
    if (closed) throw new Error("arima: the fitter is closed");
    try {
      const answer = await ask(series);
      if ("error" in answer) throw new Error(`arima: ${answer.error}`);
      check(series, answer.coefficients, answer.forecast);
      if (++fits >= recycleAfter) await end();
      return answer.coefficients;
    } catch (error) {
      // After a failure the package may fail for ever: a new thread has a new one.
      await end();
      throw error;
    }
  }

  return {
    fit(series) {
      if (series.length > MOST_VALUES || !series.every(Number.isFinite))
        return Promise.reject(
          new RangeError(`arima: expected at most ${MOST_VALUES} finite values, found ${series.length}`),
        );
      if (waiting >= MOST_WAITING) return Promise.reject(new Error(`arima: ${waiting} fits are waiting already`));
      waiting++;
      const result = queue.then(() => run(series)).finally(() => waiting--);
      queue = result.catch(() => {});
      return result;
    },
    async close() {
      closed = true;
      await end();
    },
  };
}

function start(): Worker {
  const worker = new Worker(siblingModule(import.meta.url, "./arima.worker"), {
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  // Whoever asks listens too; this one is for what happens between two fits, when the thread is only waiting.
  worker.on("error", () => {});
  return worker;
}

/** Throws where the coefficients could explode, or do not forecast what the package itself forecasts. */
function check(series: Float64Array, coefficients: ArimaCoefficients, theirs: readonly number[]): void {
  const reason = inadmissible(coefficients);
  if (reason) throw new Error(`arima: ${reason}`);
  const filter = new ArmaFilter();
  filter.use(coefficients);
  for (const value of series) filter.update(value);
  const ours = new Float64Array(COMPARED.length);
  filter.forecast(COMPARED, ours);
  const range = Math.max(...series) - Math.min(...series);
  COMPARED.forEach((ahead, k) => {
    const difference = Math.abs(ours[k] - theirs[ahead - 1]);
    if (!(difference <= 0.02 * range + 1e-9))
      throw new Error(
        `arima: exploded: forecast ${theirs[ahead - 1]} at ${ahead} ahead, ${ours[k]} by its own coefficients`,
      );
  });
}
