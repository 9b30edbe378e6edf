import { Worker } from "node:worker_threads";
import { siblingModule } from "../../../model/sibling.ts";
import type { FileAnswer, FileRequest } from "./model-file.worker.ts";
import type { SharedShard } from "./shared-shard.ts";

/** A promise and what settles it. Its failure is told to those who wait for it, and to nobody where nobody does. */
class Settling {
  resolve!: () => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}

function start(answer: (answer: FileAnswer) => void, failed: (error: Error) => void) {
  const worker = new Worker(siblingModule(import.meta.url, "./model-file.worker"));
  worker.on("message", (said: FileAnswer) => {
    try {
      if (said.kind === "failed") failed(new Error(said.message));
      else answer(said);
    } catch (error) {
      failed(error as Error);
    }
    if (said.kind === "failed" || said.kind === "kept" || said.kind === "read") void worker.terminate();
  });
  worker.once("error", failed);
  return (request: FileRequest) => worker.postMessage(request);
}

/** Reads a file of models on a thread of its own. @param note takes its texts as they come @throws Error with what is wrong with the file */
export function readModelFile(path: string, note: (text: string) => void): Promise<readonly SharedShard[]> {
  return new Promise((resolve, reject) => {
    const ask = start((said) => {
      if (said.kind === "note") note(said.text);
      else if (said.kind === "read") resolve(said.shards);
    }, reject);
    ask({ kind: "read", path });
  });
}

/**
 * Writes a file of models on a thread of its own.
 *
 * @param breathe is awaited between the texts
 * @returns once the memory has been copied and may change again; `kept` resolves when the file would survive a crash
 * @throws Error when it cannot be written; so does `kept`
 */
export async function writeModelFile(
  path: string,
  shards: readonly SharedShard[],
  notes: Iterable<string>,
  breathe: () => Promise<void>,
): Promise<{ readonly kept: Promise<void> }> {
  const [copied, kept] = [new Settling(), new Settling()];
  const ask = start(
    (said) => (said.kind === "copied" ? copied.resolve() : kept.resolve()),
    (error) => {
      copied.reject(error);
      kept.reject(error);
    },
  );
  ask({ kind: "write", path });
  for (const text of notes) {
    ask({ kind: "note", text });
    await breathe();
  }
  ask({ kind: "tables", shards });
  await copied.promise;
  return { kept: kept.promise };
}
