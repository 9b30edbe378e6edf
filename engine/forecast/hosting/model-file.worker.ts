import { parentPort } from "node:worker_threads";
import { readModels, writeModels } from "./model-file.ts";
import type { SharedShard } from "./shared-shard.ts";

/** Reads or writes one file of models, away from the thread that forecasts: a gigabyte takes a second. */
export type FileRequest =
  | { readonly kind: "write"; readonly path: string; readonly shards: readonly SharedShard[]; readonly notes: string }
  | { readonly kind: "read"; readonly path: string };

export type FileAnswer =
  | { readonly kind: "done"; readonly shards: readonly SharedShard[]; readonly notes: string }
  | { readonly kind: "failed"; readonly message: string };

const port = parentPort!;
port.once("message", (request: FileRequest) => {
  try {
    if (request.kind === "write") {
      writeModels(request.path, request.shards, request.notes);
      port.postMessage({ kind: "done", shards: [], notes: "" });
    } else port.postMessage({ kind: "done", ...readModels(request.path) });
  } catch (error) {
    port.postMessage({ kind: "failed", message: (error as Error).message });
  }
});
