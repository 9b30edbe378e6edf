import { Worker } from "node:worker_threads";

/** A thread that is asked by messages and answers by messages. */
export interface Thread<Request, Answer> {
  post(request: Request): void;
  /** At most one listener each. `ended` is told once, unless the thread was ended by `end`. */
  onAnswer(listener: (answer: Answer) => void): void;
  onEnded(listener: (reason: string) => void): void;
  end(): Promise<void>;
}

/** A worker thread. It does not keep the process alive. */
export function workerThread<Request, Answer>(module: string): Thread<Request, Answer> {
  const worker = new Worker(module);
  worker.unref();
  let answered: (answer: Answer) => void = () => {};
  let ended: (reason: string) => void = () => {};
  let over = false;
  let reason: string | undefined;
  worker.on("message", (answer: Answer) => {
    if (!over) answered(answer);
  });
  worker.on("error", (error) => {
    reason = error.message;
  });
  worker.on("exit", (code) => {
    if (!over) ended(reason ?? `it ended with ${code}`);
    over = true;
  });
  return {
    post: (request) => worker.postMessage(request),
    onAnswer: (listener) => {
      answered = listener;
    },
    onEnded: (listener) => {
      ended = listener;
    },
    end: async () => {
      over = true;
      await worker.terminate();
    },
  };
}

/** The same on the calling thread, a turn of its loop later: for tests and for a single run. */
export function localThread<Request, Answer>(
  make: (answer: (answer: Answer) => void) => { handle(request: Request): void },
): Thread<Request, Answer> {
  let answered: (answer: Answer) => void = () => {};
  let over = false;
  const thread = make((answer) => {
    if (!over) answered(answer);
  });
  return {
    post: (request) =>
      void setImmediate(() => {
        if (!over) thread.handle(request);
      }),
    onAnswer: (listener) => {
      answered = listener;
    },
    onEnded: () => {},
    end: async () => {
      over = true;
    },
  };
}
