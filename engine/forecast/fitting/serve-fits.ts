import { parentPort } from "node:worker_threads";

/** What a worker says to a request. */
export type Answer<Raw> = { readonly result: Raw } | { readonly error: string };

/** The worker's side of `createWorkerFitter`: answers each request with what `work` makes of it, or with its error. */
export function serveFits<Request, Raw>(work: (request: Request) => Raw): void {
  parentPort!.on("message", (request: Request) => {
    let answer: Answer<Raw>;
    try {
      answer = { result: work(request) };
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    parentPort!.postMessage(answer);
  });
}
