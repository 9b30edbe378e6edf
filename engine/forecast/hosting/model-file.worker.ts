import { parentPort } from "node:worker_threads";
import { ModelWriter, readModels } from "./model-file.ts";
import type { SharedShard } from "./shared-shard.ts";

/**
 * Reads or writes one file of models, away from the thread that forecasts: a gigabyte takes a second. To write it takes notes one by one, then
 * the memory, and says when that may change again.
 */
export type FileRequest =
  | { readonly kind: "read"; readonly path: string }
  | { readonly kind: "write"; readonly path: string }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "tables"; readonly shards: readonly SharedShard[] };

export type FileAnswer =
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "read"; readonly shards: readonly SharedShard[] }
  | { readonly kind: "copied" }
  | { readonly kind: "kept" }
  | { readonly kind: "failed"; readonly message: string };

const port = parentPort!;
const say = (answer: FileAnswer) => port.postMessage(answer);
let writer: ModelWriter | undefined;

port.on("message", (request: FileRequest) => {
  try {
    take(request);
  } catch (error) {
    writer?.discard();
    say({ kind: "failed", message: (error as Error).message });
  }
});

function take(request: FileRequest): void {
  if (request.kind === "read")
    say({ kind: "read", shards: readModels(request.path, (text) => say({ kind: "note", text })) });
  else if (request.kind === "write") writer = new ModelWriter(request.path);
  else if (request.kind === "note") writer?.note(request.text);
  else {
    writer?.tables(request.shards);
    say({ kind: "copied" });
    writer?.keep();
    say({ kind: "kept" });
  }
}
