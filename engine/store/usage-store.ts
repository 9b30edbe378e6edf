import { Worker } from "node:worker_threads";
import { type Metric, type SeriesName, seriesValue } from "../../model/dimension.ts";
import { siblingModule } from "../../model/sibling.ts";
import type { UsageVector } from "../../model/vector.ts";
import type { LoadedPast, RegularSeries, UsageStore } from "../usage/usage-store.port.ts";
import { createStoreDirectory, type StoreDirectory } from "./store-directory.ts";
import { StoreError } from "./store-error.ts";
import type { UsageRecord } from "./usage-database.ts";
import type { UsageAnswer, UsageRequest, UsageWorkerData } from "./usage-protocol.ts";
import { COLUMNS, columnOf, DEFAULT_LEVELS, type Kind, type Level, STORED_SERIES } from "./usage-schema.ts";

export interface UsageStoreOptions {
  /** Told, in words, what a person should know: a damaged file that was set aside, a full disk. */
  readonly notify?: (message: string) => void;
  /** Epoch seconds; the system's clock by default. */
  readonly now?: () => number;
  /** Rollups, finest first; the first has bucket 0 and keeps the samples. */
  readonly levels?: readonly Level[];
  /** Vectors that may wait for the worker; beyond it the oldest are dropped. */
  readonly queue?: number;
}

/** Vectors gather this long before they are written as one transaction. */
const GATHER_MS = 250;
const RETRY_MS = 5000;
const MAX_STEPS = 1_000_000;
const MAX_HOSTS = 10_000;
/** A host that was silent for so many seconds is no longer among the latest. */
const FORGET_AFTER = 3600;

type Ask = UsageRequest extends infer Request ? (Request extends unknown ? Omit<Request, "id" | "now"> : never) : never;

interface Waiting {
  readonly resolve: (answer: Extract<UsageAnswer, { kind: "done" }>) => void;
  readonly reject: (error: Error) => void;
}

/** The usage store in `usage.db`, which a worker thread owns. `append` only queues; a query sees what was queued before it. */
export class SqliteUsageStore implements UsageStore {
  readonly #start: () => Worker;
  readonly #notify: (message: string) => void;
  readonly #now: () => number;
  readonly #bound: number;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #queue: UsageRecord[] = [];
  /** The write under way; one at a time, so that what waits stays here, where it is bounded. */
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastNotice = "";
  #dropped = 0;
  #refused = 0;
  #closed = false;
  readonly #latest = new Map<string, Map<string, UsageVector>>();

  constructor(directory: StoreDirectory, options: UsageStoreOptions = {}) {
    const { notify = () => {}, now = () => Date.now() / 1000, levels = DEFAULT_LEVELS, queue = 100_000 } = options;
    this.#notify = notify;
    this.#now = now;
    this.#bound = queue;
    this.#start = () => {
      const workerData: UsageWorkerData = { path: directory.usageDatabase, levels, now: now() };
      return new Worker(siblingModule(import.meta.url, "./usage-worker"), { workerData });
    };
  }

  /** Vectors that were dropped since the worker could not keep up or write. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Vectors that were refused: too old, ahead of time, or of an interval that makes no sense. */
  get refused(): number {
    return this.#refused;
  }

  append(vectors: readonly UsageVector[]): void {
    if (this.#closed) return;
    for (const vector of vectors) {
      this.#remember(vector);
      this.#queue.push(recordOf(vector));
    }
    this.#trim();
    this.#timer ??= setTimeout(() => void this.#write().catch(() => {}), GATHER_MS).unref();
  }

  async backfill(workload: string, series: SeriesName, past: LoadedPast, origin: string): Promise<void> {
    const { from, step, values: demand, usage = demand } = past;
    const values = { demand, usage };
    checkSpan(from, step, demand.length);
    const column = { demand: columnOf(series, "demand"), usage: columnOf(series, "usage") };
    await this.#ask({ kind: "backfill", data: { workload, column, origin, series, from, step, values } });
  }

  demand(workload: string, series: SeriesName, from: number, to: number, step: number): Promise<RegularSeries> {
    return this.#query(workload, series, "demand", from, to, step);
  }

  usage(workload: string, series: SeriesName, from: number, to: number, step: number): Promise<RegularSeries> {
    return this.#query(workload, series, "usage", from, to, step);
  }

  /** The last vector of each host that reported within the hour; since this process started, not from disk. */
  async latest(workload: string): Promise<UsageVector[]> {
    const hosts = this.#latest.get(workload);
    if (hosts === undefined) return [];
    const since = this.#now() - FORGET_AFTER;
    for (const [host, { at }] of hosts) if (at < since) hosts.delete(host);
    return [...hosts.values()];
  }

  /** @throws StoreError when what is queued cannot be written now; it stays queued */
  async flush(): Promise<void> {
    do await this.#write();
    while (this.#queue.length > 0);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.flush();
    } catch (error) {
      this.#dropped += this.#queue.length;
      this.#notify(`${this.#queue.length} usage vectors were not written: ${(error as Error).message}`);
    } finally {
      clearTimeout(this.#timer);
      if (this.#worker !== undefined) {
        await this.#ask({ kind: "close" }).catch(() => {});
        await this.#worker?.terminate();
      }
    }
  }

  async #query(
    workload: string,
    series: SeriesName,
    kind: Kind,
    from: number,
    to: number,
    step: number,
  ): Promise<RegularSeries> {
    const steps = Math.max(0, Math.ceil((to - from) / step - 1e-9));
    checkSpan(from, step, steps);
    // A query that cannot be preceded by its writes is still worth its answer.
    await this.#write().catch(() => {});
    const query = { workload, column: columnOf(series, kind), from, step, steps };
    const { values } = await this.#ask({ kind: "query", query });
    return { from, step, values: values! };
  }

  /** Writes what is queued now, after what is being written already. */
  async #write(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(() => {});
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#queue.length === 0) return;
    const records = this.#queue;
    this.#queue = [];
    this.#writing = this.#ask({ kind: "append", records })
      .then(({ refused = 0 }) => {
        this.#refused += refused;
        this.#lastNotice = "";
      })
      .catch((error: Error) => {
        this.#keep(records, error);
        throw error;
      })
      .finally(() => {
        this.#writing = undefined;
      });
    await this.#writing;
  }

  /** What could not be written goes back to the head of the queue. */
  #keep(records: readonly UsageRecord[], error: Error): void {
    this.#queue = [...records, ...this.#queue];
    this.#trim();
    if (error.message !== this.#lastNotice) this.#notify(`usage is kept in memory meanwhile: ${error.message}`);
    this.#lastNotice = error.message;
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.#write().catch(() => {}), RETRY_MS).unref();
  }

  #trim(): void {
    const surplus = this.#queue.length - this.#bound;
    if (surplus <= 0) return;
    // Some room is made at once, so that a full queue is not copied for every vector.
    const dropped = Math.min(this.#queue.length, surplus + Math.floor(this.#bound / 10));
    this.#queue.splice(0, dropped);
    if (this.#dropped === 0) this.#notify(`usage comes faster than it can be written; the oldest of it is dropped`);
    this.#dropped += dropped;
  }

  #remember(vector: UsageVector): void {
    let hosts = this.#latest.get(vector.workload);
    if (hosts === undefined) {
      hosts = new Map();
      this.#latest.set(vector.workload, hosts);
    }
    const known = hosts.get(vector.host);
    if (known === undefined && hosts.size >= MAX_HOSTS) return;
    if (known === undefined || known.at <= vector.at) hosts.set(vector.host, vector);
  }

  #ask(request: Ask): Promise<Extract<UsageAnswer, { kind: "done" }>> {
    const worker = this.#running();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // The process may end when nobody waits for the worker.
      worker.ref();
      worker.postMessage({ ...request, id, now: this.#now() });
    });
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#start();
    this.#worker = worker;
    worker.on("message", (answer: UsageAnswer) => this.#answered(answer));
    worker.on("error", (error) => this.#notify(`the usage worker failed and is started anew: ${error.message}`));
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const { reject } of waiting) reject(new Error("the usage worker ended"));
    });
    return worker;
  }

  #answered(answer: UsageAnswer): void {
    if (answer.kind === "notice") {
      this.#notify(answer.text);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (answer.kind === "done") waiting?.resolve(answer);
    else {
      const { message, store } = answer.error;
      waiting?.reject(
        store === undefined
          ? new Error(message)
          : new StoreError(store.kind, store.file, message.slice(store.file.length + 2)),
      );
    }
  }
}

/** Opens the usage store. It is created, and a damaged one set aside, when it is first used. */
export function openUsageStore(directory: StoreDirectory, options: UsageStoreOptions = {}): SqliteUsageStore {
  createStoreDirectory(directory);
  return new SqliteUsageStore(directory, options);
}

function recordOf({ workload, host, at, interval, usage, demand }: UsageVector): UsageRecord {
  const values = new Float64Array(COLUMNS).fill(Number.NaN);
  // Where nothing held demand back, or it could not be told, it is the usage.
  const asked: Partial<Record<Metric, number>> = { ...usage, ...demand };
  for (const series of STORED_SERIES) {
    values[columnOf(series, "usage")] = seriesValue(series, usage);
    values[columnOf(series, "demand")] = seriesValue(series, asked);
  }
  return { workload, host, at, interval, values };
}

function checkSpan(from: number, step: number, steps: number): void {
  if (!Number.isFinite(from)) throw new RangeError(`usage: expected a finite start, found ${from}`);
  if (!(step > 0) || !Number.isFinite(step)) throw new RangeError(`usage: expected a step above 0 s, found ${step}`);
  if (!(steps <= MAX_STEPS)) throw new RangeError(`usage: expected at most ${MAX_STEPS} steps, found ${steps}`);
}
