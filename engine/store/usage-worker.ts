import { parentPort, workerData } from "node:worker_threads";
import { openUsageDatabase, setAside } from "./open-usage-database.ts";
import { StoreError } from "./store-error.ts";
import type { UsageDatabase } from "./usage-database.ts";
import type { UsageAnswer, UsageFailure, UsageRequest, UsageWorkerData } from "./usage-protocol.ts";

/**
 * The thread that owns `usage.db`. It answers one request after the other, and deletes what is old in the time between.
 */
const PRUNE_PAUSE_MS = 1000;
const PRUNE_IDLE_MS = 60_000;

const { path, levels, now: startedAt } = workerData as UsageWorkerData;
const port = parentPort!;
const answer = (message: UsageAnswer, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const notify = (text: string) => answer({ kind: "notice", text });

let database: UsageDatabase | undefined;
let now = startedAt;
let pruning: NodeJS.Timeout | undefined;

port.on("message", (request: UsageRequest) => {
  now = request.now;
  try {
    serve(request);
  } catch (error) {
    answer({ kind: "failed", id: request.id, error: failureOf(recover(error)) });
  }
});

function serve(request: UsageRequest): void {
  const { id } = request;
  if (request.kind === "close") {
    clearTimeout(pruning);
    database?.close();
    answer({ kind: "done", id });
    port.close();
    return;
  }
  // Opened with the first request, so that a file that cannot be opened yet is tried again with the next.
  database ??= openUsageDatabase(path, levels, now, notify);
  pruning ??= setTimeout(prune, PRUNE_PAUSE_MS);
  switch (request.kind) {
    case "append":
      answer({ kind: "done", id, refused: database.append(request.records, now) });
      break;
    case "backfill":
      database.backfill(request.data, now);
      answer({ kind: "done", id });
      break;
    case "query": {
      const values = database.query(request.query, now);
      answer({ kind: "done", id, values }, [values.buffer as ArrayBuffer]);
    }
  }
}

function prune(): void {
  let more = false;
  try {
    more = database?.prune(now) ?? false;
  } catch (error) {
    const { message } = failureOf(recover(error));
    notify(message);
  }
  pruning = setTimeout(prune, more ? PRUNE_PAUSE_MS : PRUNE_IDLE_MS);
}

/** Damage that is met in the middle of work: the file is set aside, and the next request begins a new one. */
function recover(error: unknown): unknown {
  if (!(error instanceof StoreError) || error.kind !== "corrupt" || database === undefined) return error;
  database.close();
  database = undefined;
  notify(setAside(path, now, error));
  return error;
}

function failureOf(error: unknown): UsageFailure {
  if (error instanceof StoreError) return { message: error.message, store: { kind: error.kind, file: error.file } };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
