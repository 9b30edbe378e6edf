import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "./atomic-file.ts";
import { EventCalendars } from "./event-calendars.ts";
import { createForecaster } from "./forecast/forecaster.ts";
import { createTrainer } from "./forecast/lstm/trainer-process.ts";
import { GlobalModelUpkeep } from "./global-model-upkeep.ts";
import { holdLease } from "./hold-lease.ts";
import { policyGround, policyPacks } from "./infrastructure/policy-packs.ts";
import { PulumiInfrastructure } from "./infrastructure/pulumi-infrastructure.ts";
import { statusFiles } from "./infrastructure/status-file.ts";
import { Engine } from "./loop/engine.ts";
import type { ForecastingSnapshot } from "./loop/forecasting.ts";
import { LeadTimes } from "./loop/lead-times.ts";
import { ChangeManager } from "./orchestrator/change/change-manager.ts";
import type { Progress } from "./orchestrator/change/progress.port.ts";
import { PACKAGE } from "./package.ts";
import type { ProjectFiles } from "./project-files.ts";
import { PlainGit } from "./review/plain-git.ts";
import { openControlStore } from "./store/control-store.ts";
import { acquireInstance } from "./store/single-instance.ts";
import { createStoreDirectory, storeDirectory } from "./store/store-directory.ts";
import { openUsageStore } from "./store/usage-store.ts";
import { systemClock } from "./system-clock.ts";

export interface OpenOptions {
  /** Told what a person should know, a line each. */
  readonly say: (text: string) => void;
  /** Environment of Pulumi; the process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
}

/** An engine with its stores open. */
export interface OpenedEngine {
  readonly engine: Engine;
  readonly usage: ReturnType<typeof openUsageStore>;
  /** Resolves what a former engine left under way. */
  recover(): Promise<void>;
  /** What is done beside the ticks, once a day: training. Call it after each tick. */
  tend(): void;
  /** Lets go of everything; what is under way is waited for. */
  close(): Promise<void>;
}

/**
 * Opens the stores of a project and puts an engine together on them.
 *
 * @throws Error when another engine has the store, InputError on a wrong project, StoreError on a damaged store
 */
export async function openEngine(files: ProjectFiles, { say, env = process.env }: OpenOptions): Promise<OpenedEngine> {
  const { project, root } = files;
  const packs = policyPacks(project, root, files.file);
  const directory = storeDirectory(project.store, root);
  createStoreDirectory(directory);
  const instance = acquireInstance(directory, systemClock.now());
  try {
    const control = openControlStore(directory, say);
    const usage = openUsageStore(directory, { notify: say });
    const lease = await holdLease(control.lease, join(directory.path, "lease"), systemClock, say);
    const review = new PlainGit({ root, store: directory.path });
    const leadTimes = new LeadTimes(
      control,
      (workload) => project.workloads.find(({ name }) => name === workload)?.leadTime ?? 300,
    );
    const status = statusFiles(
      new Map(
        project.workloads.flatMap(({ name, statusFile }) => (statusFile === undefined ? [] : [[name, statusFile]])),
      ),
    );
    const globalModel = new GlobalModelUpkeep({
      file: join(directory.path, "models", "global-lstm.json"),
      workloads: forecastWithAll(files),
      step: project.step,
      season: project.season,
      usage,
      control,
      trainer: createTrainer(),
      startedAt: systemClock.now(),
      say,
    });
    let engine: Engine | undefined;
    const change = new ChangeManager({
      store: control,
      infrastructure: new PulumiInfrastructure({
        root,
        store: directory.path,
        env,
        lease,
        policy: { packs, ground: (workload) => policyGround(project, files.constraints, workload) },
      }),
      review,
      progress: progressTo(() => engine),
      clock: systemClock,
      newId: () => newChangesetId(systemClock.now()),
      constraints: (workload) => files.constraints.get(workload)!,
      bound: (workload) => policyGround(project, files.constraints, workload).bound,
      status,
    });
    engine = new Engine({
      project,
      constraints: files.constraints,
      control,
      usage,
      review,
      change,
      status,
      leadTimes,
      createForecaster: (options) => createForecaster(options, { globalModel }),
      events: new EventCalendars(project.events, root, say),
      clock: systemClock,
      version: PACKAGE.version,
    });
    const opened = engine;
    await opened.loop.load(readModels(directory.path));
    return {
      engine: opened,
      usage,
      recover: async () => {
        for (const changeset of await change.recover()) opened.loop.recovered(changeset);
      },
      tend: () => {
        const { lastTick } = opened.loop;
        if (lastTick !== null) void globalModel.tend(lastTick);
      },
      close: async () => {
        await globalModel.stop();
        await opened.loop.stop();
        writeModels(directory.path, opened.loop.snapshots());
        await lease.release();
        await usage.close();
        control.close();
        instance.release();
      },
    };
  } catch (error) {
    instance.release();
    throw error;
  }
}

/** The workloads whose tier asks for the global model. */
function forecastWithAll({ project, constraints }: ProjectFiles): string[] {
  return project.workloads.map(({ name }) => name).filter((name) => constraints.get(name)!.forecast.tier !== "fast");
}

/** What change tells of its progress goes to those who follow the engine. */
function progressTo(engine: () => Engine | undefined): Progress {
  return {
    notify: (message) => {
      if (message.code === "alert") engine()?.followers.alert(message.text, message.workload);
      else if (message.code === "changeset-state")
        void engine()
          ?.changesetMoved(message.changeset)
          .catch(() => {});
    },
  };
}

/** `cs-20261124-080000-4f2a`: sorts by time, and is never the same twice. */
export function newChangesetId(now: number): string {
  const stamp = new Date(now * 1000).toISOString().replace(/[-:]/g, "").slice(0, 15).replace("T", "-");
  return `cs-${stamp}-${randomBytes(3).toString("hex")}`;
}

function modelsFile(store: string): string {
  return join(store, "models", "forecasters.json");
}

/** State of the forecasters of the engine before this one. What cannot be read is learnt again from the usage store. */
function readModels(store: string): Map<string, ForecastingSnapshot> {
  try {
    if (!existsSync(modelsFile(store))) return new Map();
    return new Map(
      Object.entries(JSON.parse(readFileSync(modelsFile(store), "utf8")) as Record<string, ForecastingSnapshot>),
    );
  } catch {
    return new Map();
  }
}

function writeModels(store: string, snapshots: ReadonlyMap<string, ForecastingSnapshot>): void {
  mkdirSync(join(store, "models"), { recursive: true, mode: 0o700 });
  writeFileAtomically(modelsFile(store), JSON.stringify(Object.fromEntries(snapshots)));
}
