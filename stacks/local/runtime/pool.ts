import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeAtomic } from "./atomic-file.ts";
import { type CgroupDriver, probeCgroups } from "./cgroup.ts";
import { launchWorker } from "./launch.ts";
import { isAlive, type ProcessId, processesWith, signal } from "./process-table.ts";
import { isConverged, reconcile } from "./reconcile.ts";
import { listenKey, type PoolSpec, workersAt } from "./spec.ts";
import type { PoolStatus, WorkerReport, WorkerState } from "./status.ts";

/** Seconds that a draining worker may take to finish its requests before it is killed. */
const DRAIN_DEADLINE = 15;
/** Seconds that a worker may take to be ready before it is killed and started again. */
const START_DEADLINE = 20;
/** Seconds that a worker may take to release memory before it is replaced. */
const PATIENCE = 1;
/** Longest pause in seconds before a worker that keeps crashing is started again. */
const LONGEST_PAUSE = 10;
/** Seconds between two writes of the status when only counters have moved. */
const STATUS_INTERVAL = 0.5;

interface Worker extends ProcessId {
  readonly replica: number;
  readonly startedAt: number;
  readonly cgroup: string | null;
  state: WorkerState;
  readonly port: number;
  readonly listen: string;
  readyAt: number | null;
  drainSince: number | null;
  /** Since when it occupies more memory than it is now to have. */
  occupiedSince: number | null;
  /** The limits last set, as text; they are not set before the worker is ready. */
  limits: string;
  report: WorkerReport | undefined;
}

/** The workers of one pool: adopts, starts, drains, limits and counts them. Called by the supervisor alone. */
export class Pool {
  readonly #runDirectory: string;
  readonly #self: ProcessId;
  readonly #cgroups: CgroupDriver | undefined;
  #workers: Worker[] = [];
  /** Groups whose worker has ended; the kernel may refuse their removal for a moment. */
  readonly #emptied = new Set<string>();
  #retired = { requests: 0, failed: 0 };
  #startedTotal = 0;
  #crashedTotal = 0;
  /** Crashes since a worker last became ready. */
  #crashes = 0;
  #notBefore = 0;
  #lastWords = "";
  #written = "";
  #writtenAt = 0;

  constructor(runDirectory: string, self: ProcessId) {
    this.#runDirectory = runDirectory;
    this.#self = self;
    this.#cgroups = probeCgroups().driver;
  }

  /** Takes over the living workers and the counts of a supervisor that is gone. */
  adopt(): void {
    const before = readJson<PoolStatus>(join(this.#runDirectory, "status.json"));
    this.#retired = { ...(before?.retired ?? this.#retired) };
    this.#startedTotal = before?.startedTotal ?? 0;
    this.#crashedTotal = before?.crashedTotal ?? 0;
    const known = before?.workers ?? [];
    for (const { pid, startTime, environment } of processesWith("FORESHADOW_REPLICA")) {
      if (environment.FORESHADOW_POOL_DIR !== this.#runDirectory) continue;
      const replica = Number(environment.FORESHADOW_REPLICA);
      const was = known.find((worker) => worker.pid === pid && worker.startTime === startTime);
      this.#workers.push({
        pid,
        startTime,
        replica,
        state: was?.state ?? "starting",
        port: Number(environment.FORESHADOW_PORT),
        listen: environment.FORESHADOW_LISTEN ?? "",
        startedAt: was?.startedAt ?? Date.now() / 1000,
        readyAt: was?.readyAt ?? null,
        drainSince: was?.state === "draining" ? Date.now() / 1000 : null,
        occupiedSince: null,
        cgroup: this.#cgroups ? cgroupOf(environment.FORESHADOW_POOL, replica) : null,
        limits: "",
        report: undefined,
      });
    }
    for (const gone of known) {
      if (this.#workers.some(({ pid, startTime }) => pid === gone.pid && startTime === gone.startTime)) continue;
      this.#retire(gone.replica, gone.pid);
      if (gone.cgroup !== null && !this.#workers.some(({ cgroup }) => cgroup === gone.cgroup))
        this.#emptied.add(gone.cgroup);
    }
  }

  /**
   * One look at the pool, and what it calls for.
   *
   * @param digest of the spec's text
   * @param now epoch seconds
   * @returns whether something is on its way
   */
  tick(spec: PoolSpec, digest: string, now: number): boolean {
    this.#observe(now);
    for (const group of this.#emptied) if (this.#cgroups?.remove(group)) this.#emptied.delete(group);
    const target = workersAt(spec, now);
    const view = () => this.#workers.map((worker) => ({ ...worker, obsolete: isObsolete(worker, spec, now) }));
    const { start, drain } = reconcile(target, view());
    for (const replica of drain) this.#drain(replica, now);
    if (now >= this.#notBefore) for (const replica of start) this.#start(spec, replica, now);
    const problems = this.#limit(spec, now);
    if (this.#crashes > 1) problems.push(`workers end on their own (${this.#lastWords}); see workers.log`);
    const limited = this.#workers.every(({ cgroup, limits }) => cgroup === null || limits === limitsOf(spec));
    const converged = isConverged(target, view()) && limited && problems.length === 0 && this.#emptied.size === 0;
    this.#writeStatus(digest, target, converged, problems, now);
    return !converged;
  }

  #observe(now: number): void {
    for (const worker of [...this.#workers]) {
      const report = readJson<WorkerReport>(this.#reportFile(worker.replica));
      if (report?.pid === worker.pid) worker.report = report;
      if (worker.report?.draining && worker.state !== "draining") {
        worker.state = "draining"; // asked to by somebody else, or by a supervisor that ended before it wrote it down
        worker.drainSince = now;
      }
      if (!isAlive(worker)) {
        this.#end(worker, now);
        continue;
      }
      if (worker.state === "starting" && worker.report !== undefined) {
        worker.state = "ready";
        worker.readyAt = now;
        this.#crashes = 0;
      }
      if (worker.drainSince !== null && now - worker.drainSince > DRAIN_DEADLINE) signal(worker, "SIGKILL");
      if (worker.state === "starting" && now - worker.startedAt > START_DEADLINE) signal(worker, "SIGKILL");
    }
  }

  #end(worker: Worker, now: number): void {
    if (worker.state !== "draining") {
      this.#crashedTotal++;
      this.#crashes++;
      this.#notBefore = this.#crashes < 2 ? now : now + Math.min(LONGEST_PAUSE, 0.25 * 2 ** this.#crashes);
    }
    this.#workers = this.#workers.filter((other) => other !== worker);
    this.#retire(worker.replica, worker.pid);
    if (worker.cgroup !== null) this.#emptied.add(worker.cgroup);
  }

  /** Counts are kept when the worker is gone. Its report is removed only after they are in the status. */
  #retire(replica: number, pid: number): void {
    const report = readJson<WorkerReport>(this.#reportFile(replica));
    if (report?.pid !== pid) return;
    this.#retired.requests += report.requests;
    this.#retired.failed += report.failed + report.inFlight;
    rmSync(this.#reportFile(replica), { force: true });
  }

  #start(spec: PoolSpec, replica: number, now: number): void {
    const cgroup = this.#cgroups ? cgroupOf(spec.pool, replica) : null;
    const files = cgroup === null ? [] : (this.#cgroups?.join(cgroup, `/foreshadow/${spec.pool}`) ?? []);
    // Without a CPU limit until it is ready: at a tenth of a core Node alone would take seconds to load.
    if (cgroup !== null) this.#cgroups?.limit(cgroup, { cpu: null, memory: spec.memory });
    if (cgroup !== null) this.#emptied.delete(cgroup);
    const id = launchWorker(spec, this.#runDirectory, replica, files, (reason) => {
      this.#lastWords = reason;
    });
    if (id === undefined) {
      this.#notBefore = now + LONGEST_PAUSE;
      return;
    }
    this.#startedTotal++;
    this.#workers.push({
      ...id,
      replica,
      cgroup,
      state: "starting",
      port: spec.listen.port,
      listen: listenKey(spec.listen),
      startedAt: now,
      readyAt: null,
      drainSince: null,
      occupiedSince: null,
      limits: "",
      report: undefined,
    });
  }

  #drain(replica: number, now: number): void {
    for (const worker of this.#workers.filter((other) => other.replica === replica && other.state !== "draining")) {
      worker.state = "draining";
      worker.drainSince = now;
      signal(worker, "SIGTERM");
    }
  }

  #limit(spec: PoolSpec, now: number): string[] {
    const problems: string[] = [];
    const wanted = limitsOf(spec);
    for (const worker of this.#workers) {
      if (worker.cgroup === null || worker.state !== "ready" || worker.limits === wanted) continue;
      const result = this.#cgroups?.limit(worker.cgroup, spec);
      problems.push(...(result?.problems ?? []));
      if (result?.occupied) worker.occupiedSince ??= now;
      else if (result?.problems.length === 0) {
        worker.limits = wanted;
        worker.occupiedSince = null;
      }
    }
    return problems;
  }

  #writeStatus(digest: string, target: number, converged: boolean, problems: string[], now: number): void {
    const sum = (key: "requests" | "failed") =>
      this.#workers.reduce((total, { report }) => total + (report?.[key] ?? 0), this.#retired[key]);
    const workers = this.#workers
      .map(({ pid, startTime, replica, state, port, startedAt, readyAt, cgroup }) => ({
        pid,
        startTime,
        replica,
        state,
        port,
        startedAt,
        readyAt,
        cgroup,
      }))
      .sort((a, b) => a.replica - b.replica);
    const ready = workers.filter(({ state }) => state === "ready").length;
    const facts = {
      version: 1 as const,
      supervisor: this.#self,
      spec: digest,
      target,
      ready,
      converged,
      workers,
      problems,
    };
    const text = JSON.stringify(facts);
    if (text === this.#written && now - this.#writtenAt < STATUS_INTERVAL && now >= this.#writtenAt) return;
    const status: PoolStatus = {
      ...facts,
      requestsTotal: sum("requests"),
      failedTotal: sum("failed"),
      retired: this.#retired,
      startedTotal: this.#startedTotal,
      crashedTotal: this.#crashedTotal,
      updatedAt: now,
    };
    writeAtomic(join(this.#runDirectory, "status.json"), JSON.stringify(status));
    this.#written = text;
    this.#writtenAt = now;
  }

  #reportFile(replica: number): string {
    return join(this.#runDirectory, "workers", `${replica}.json`);
  }
}

function limitsOf({ cpu, memory }: PoolSpec): string {
  return `${cpu} ${memory}`;
}

/** Memory is lowered in place where it can be. A worker that holds on to it makes room for one that starts with less. */
function isObsolete({ listen, occupiedSince }: Worker, spec: PoolSpec, now: number): boolean {
  return listen !== listenKey(spec.listen) || (occupiedSince !== null && now - occupiedSince > PATIENCE);
}

function cgroupOf(pool: string, replica: number): string {
  return `/foreshadow/${pool}/replica-${replica}`;
}
