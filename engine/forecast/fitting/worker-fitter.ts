import { Worker } from "node:worker_threads";
import type { Fitter } from "./fitter.port.ts";
import type { Answer } from "./serve-fits.ts";

export interface WorkerFitterOptions<Request, Raw, Parameters> {
  /** Names the model in errors. */
  readonly name: string;
  /** Path of the worker's module, which calls `serveFits`. */
  readonly module: string;
  /** Milliseconds that one fit may take before it is given up and its thread ended. */
  readonly budget: number;
  /** Fits after which the thread is replaced; without it, never. */
  readonly recycleAfter?: number;
  /** Times as long as a fit took that the thread rests after it, so that fits take no more than their share of a processor. Default: none. */
  readonly rest?: number;
  /** Why a request cannot be fitted; such a one never reaches the thread. */
  readonly refuse?: (request: Request) => string | undefined;
  /** Turns what the thread says into parameters, and throws where they cannot be used. */
  readonly accept: (request: Request, raw: Raw) => Parameters;
}

/** A series that waits takes a closure's memory. Beyond this many the machine is not going to keep up. */
const MOST_WAITING = 65_536;

/** Fits in one worker thread: in the order of asking, each within a budget. A thread that failed is not used again. */
export function createWorkerFitter<Request, Raw, Parameters>(
  options: WorkerFitterOptions<Request, Raw, Parameters>,
): Fitter<Request, Parameters> {
  const { name, module, budget, recycleAfter = Number.POSITIVE_INFINITY, rest = 0, refuse, accept } = options;
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

  function ask(request: Request): Promise<Answer<Raw>> {
    worker ??= start(module);
    const asked = worker;
    asked.ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(() => reject(new Error(`${name}: no fit within ${budget} ms`))), budget);
      const onMessage = (answer: Answer<Raw>) => finish(() => resolve(answer));
      const onError = (error: Error) => finish(() => reject(new Error(`${name}: the worker failed: ${error.message}`)));
      const onExit = (code: number) => finish(() => reject(new Error(`${name}: the worker ended with ${code}`)));
      function finish(settle: () => void) {
        clearTimeout(timer);
        asked.off("message", onMessage).off("error", onError).off("exit", onExit);
        asked.unref();
        settle();
      }
      asked.on("message", onMessage).on("error", onError).on("exit", onExit);
      asked.postMessage(request);
    });
  }

  async function run(request: Request): Promise<Parameters> {
    if (closed) throw new Error(`${name}: the fitter is closed`);
    const refused = refuse?.(request);
    if (refused) throw new RangeError(`${name}: ${refused}`);
    try {
      const answer = await ask(request);
      if ("error" in answer) throw new Error(`${name}: ${answer.error}`);
      const parameters = accept(request, answer.result);
      if (++fits >= recycleAfter) await end();
      return parameters;
    } catch (error) {
      // After a failure a package may fail for ever: a new thread has a new one.
      await end();
      throw error;
    }
  }

  return {
    fit(request) {
      if (waiting >= MOST_WAITING) return Promise.reject(new Error(`${name}: ${waiting} fits are waiting already`));
      waiting++;
      let took = 0;
      const result = queue
        .then(async () => {
          const began = performance.now();
          try {
            return await run(request());
          } finally {
            took = performance.now() - began;
          }
        })
        .finally(() => waiting--);
      queue = result.then(
        () => resting(rest * took),
        () => resting(rest * took),
      );
      return result;
    },
    async close() {
      closed = true;
      await end();
    },
  };
}

/** Does not keep the process alive. */
function resting(milliseconds: number): Promise<void> | undefined {
  if (milliseconds === 0) return undefined;
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

function start(module: string): Worker {
  const worker = new Worker(module, { resourceLimits: { maxOldGenerationSizeMb: 256 } });
  // Whoever asks listens too; this one is for what happens between two fits, when the thread is only waiting.
  worker.on("error", () => {});
  return worker;
}
