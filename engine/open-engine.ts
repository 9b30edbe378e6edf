import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { monotonicSeconds } from "../model/host-clock.ts";
import type { Project } from "../model/project.ts";
import { EventCalendars } from "./event-calendars.ts";
import { measureEventLoopLag } from "./event-loop-lag.ts";
import { Webhook } from "./feedback/webhook.ts";
import { ensembleWorker, FEW_WORKLOADS, ThreadedForecastHost } from "./forecast/hosting/host.ts";
import { createTrainer } from "./forecast/lstm/trainer-process.ts";
import { GlobalModelUpkeep } from "./global-model-upkeep.ts";
import { holdLease } from "./hold-lease.ts";
import { policyGround, policyPacks } from "./infrastructure/policy-packs.ts";
import { PulumiInfrastructure } from "./infrastructure/pulumi-infrastructure.ts";
import { statusFiles } from "./infrastructure/status-file.ts";
import { Engine } from "./loop/engine.ts";
import type { EngineParts } from "./loop/engine-parts.ts";
import type { ForecastingSnapshot } from "./loop/forecasting.ts";
import { LeadTimes } from "./loop/lead-times.ts";
import { Pace } from "./loop/pace.ts";
import { ModelKeeping } from "./model-keeping.ts";
import { openGitHub } from "./open-github.ts";
import { openPast } from "./open-past.ts";
import { openTracing } from "./open-tracing.ts";
import { LIMITS } from "./orchestrator/change/change-context.ts";
import { ChangeManager } from "./orchestrator/change/change-manager.ts";
import type { Progress } from "./orchestrator/change/progress.port.ts";
import { PACKAGE } from "./package.ts";
import type { ProjectFiles } from "./project-files.ts";
import { generatedFiles } from "./review/generated-files.ts";
import { GitLease } from "./review/git-lease.ts";
import { PlainGit } from "./review/plain-git.ts";
import { mergedCommit } from "./review/pull-request-book.ts";
import type { PullRequests } from "./review/pull-requests.ts";
import { RemoteCapacityBranch } from "./review/remote-capacity-branch.ts";
import { SharedLease } from "./shared-lease.ts";
import { openControlStore } from "./store/control-store.ts";
import { acquireInstance } from "./store/single-instance.ts";
import { createStoreDirectory, storeDirectory } from "./store/store-directory.ts";
import { storeSize } from "./store/store-size.ts";
import { openUsageStore } from "./store/usage-store.ts";
import { systemClock } from "./system-clock.ts";
import { threadedCapacityParser } from "./threaded-capacity-parser.ts";
import type { DecisionTracer } from "./tracing/decision-tracer.ts";
import { LatestSignals } from "./usage/latest-signals.ts";

/** Seconds after which the state of the forecasts is kept again: what a crash loses is learnt from the stored past. */
const KEEP_EVERY = 900;

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
  readonly signals: LatestSignals;
  /** Resolves what a former engine left under way. */
  recover(): Promise<void>;
  /** Looks at the pull requests, where there are any. Never throws. */
  look?(): Promise<void>;
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
    const signals = new LatestSignals();
    const usage = openUsageStore(directory, { notify: say });
    const github = project.review.github && openGitHub(project.review.github, files, env);
    const shared = project.engines && sharedLease(project.engines, root, directory.path, github?.remote.access);
    const lease = await holdLease(control.lease, join(directory.path, "lease"), systemClock, say, shared);
    const review = new PlainGit({
      root,
      store: directory.path,
      ...(project.engines && project.engines.remote !== "." && { remote: project.engines.remote }),
      ...github?.remote,
      generated: generatedFiles(project),
      merged: (changeset) => mergedCommit(control, changeset),
    });
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
      workloads: trainedOn(files),
      step: project.step,
      season: project.season,
      usage,
      control,
      trainer: createTrainer(),
      startedAt: systemClock.now(),
      say,
    });
    mkdirSync(join(directory.path, "models"), { recursive: true, mode: 0o700 });
    const host = new ThreadedForecastHost({
      step: project.step,
      season: project.season,
      workloads: project.workloads.length,
      file: join(directory.path, "models", "forecasts"),
      say,
      ensembles: ensembleWorker(),
      globalModel,
    });
    const capacityParser = threadedCapacityParser();
    const tracing = openTracing(files, env, say);
    const lag = measureEventLoopLag();
    let engine: Engine | undefined;
    let pulls: PullRequests | undefined;
    const change = new ChangeManager({
      store: control,
      infrastructure: new PulumiInfrastructure({
        root,
        store: directory.path,
        env,
        lease,
        policy: { packs, ground: (workload) => policyGround(files, workload) },
      }),
      review,
      progress: progressTo(
        () => engine,
        tracing?.tracer,
        () => void (lease.holds() && pulls?.look()),
      ),
      clock: systemClock,
      newId: () => newChangesetId(systemClock.now()),
      constraints: (workload) => files.constraints.get(workload)!,
      bound: (workload) => policyGround(files, workload).bound,
      status,
      holds: () => lease.holds(),
      ...(shared && { workloads: () => project.workloads.map(({ name, stack }) => ({ workload: name, stack })) }),
    });
    const hook = project.alerts.webhook;
    const webhook = hook && new Webhook({ ...hook, say });
    engine = new Engine({
      project,
      constraints: files.constraints,
      catalogues: files.catalogues,
      control,
      usage,
      // A tick goes by what was last seen: it waits for no host.
      review: github === undefined ? review : lastSeen(review),
      parseCapacity: capacityParser.parse,
      change,
      ...(project.review.publish !== undefined && {
        capacityBranch: new RemoteCapacityBranch({
          generated: generatedFiles(project),
          root,
          store: directory.path,
          remote: project.review.publish,
          review,
        }),
      }),
      status,
      holds: () => lease.holds(),
      leadTimes,
      createForecaster: host.create,
      host,
      past: openPast(files, env),
      keepForecasts: (): Promise<void> => keeping.now(),
      events: new EventCalendars(project.events, root, say),
      signals,
      ...(webhook === undefined ? {} : { alertSink: webhook }),
      process: {
        lag: () => lag.figures,
        store: () => ({ ...storeSize(directory) }),
        usage: () => ({ dropped: usage.dropped, refused: usage.refused }),
        ...(tracing && { spans: () => tracing.exporter.figures }),
      },
      ...(tracing && { trace: tracing.tracer }),
      clock: systemClock,
      version: PACKAGE.version,
    });
    const opened = engine;
    const untraced = new AbortController();
    if (tracing !== undefined)
      void opened.follow(
        (event) => event.type === "changeset" && tracing.tracer.moved(event.changeset),
        untraced.signal,
        { types: ["changeset"] },
      );
    pulls = github?.pullRequests({
      control,
      review,
      change,
      engine,
      store: directory.path,
      expiry: LIMITS.approvalExpiry,
    });
    const asked = pulls;
    const former = new Map<string, ForecastingSnapshot>();
    const goesOn = await host.load((text) => {
      const [name, snapshot] = JSON.parse(text) as [string, ForecastingSnapshot];
      former.set(name, snapshot);
    });
    await opened.loop.load(goesOn ? former : new Map());
    host.restored();
    const keeping = new ModelKeeping({
      every: KEEP_EVERY,
      startedAt: systemClock.now(),
      keep: () => {
        const pace = new Pace();
        return opened.loop.between(() =>
          host.save(
            () => textsOf(opened.loop.snapshots()),
            () => pace.breathe(),
          ),
        );
      },
      say,
    });
    return {
      engine: opened,
      usage,
      signals,
      recover: async () => {
        for (const changeset of await change.recover()) opened.loop.recovered(changeset);
      },
      ...(asked && { look: async () => void (lease.holds() && (await asked.look())) }),
      tend: () => {
        const { lastTick } = opened.loop;
        if (lastTick === null) return;
        void globalModel.tend(lastTick);
        keeping.tend(lastTick);
      },
      close: async () => {
        await asked?.close();
        await globalModel.stop();
        await opened.backfilling.end();
        await opened.loop.stop();
        await keeping.now();
        await host.end();
        await capacityParser.end();
        lag.stop();
        await webhook?.close();
        untraced.abort();
        await tracing?.exporter.close();
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

/** The lease that engines with stores of their own share. Who they are is told by host and store. */
function sharedLease(
  { remote, lease }: NonNullable<Project["engines"]>,
  root: string,
  store: string,
  access?: () => Promise<Readonly<Record<string, string>>>,
): SharedLease {
  const clocks = { monotonic: monotonicSeconds, wall: systemClock.now };
  return new SharedLease(new GitLease({ root, remote, access }), `${hostname()}:${store}`, lease, clocks);
}

/**
 * The workloads that the global model is trained on: all of them where the tier of one asks for it. With more than a few the fleet forecasts, and has it in the
 * tier `balanced` too: there it takes little and replaces models that would take much.
 */
function trainedOn({ project: { workloads }, constraints }: ProjectFiles): string[] {
  const tiers = workloads.map(({ name }) => constraints.get(name)!.forecast.tier);
  const wanted = tiers.includes("accurate") || (workloads.length > FEW_WORKLOADS && tiers.includes("balanced"));
  return wanted ? workloads.map(({ name }) => name) : [];
}

/** What change tells of its progress goes to those who follow the engine. */
function progressTo(engine: () => Engine | undefined, tracer: DecisionTracer | undefined, moved: () => void): Progress {
  return {
    notify: (message) => {
      tracer?.heard(message);
      if (message.code === "changeset-state") moved();
      if (message.code === "alert") engine()?.followers.alert(message.text, message.workload);
      else if (message.code === "changeset-state")
        void engine()
          ?.changesetMoved(message.changeset)
          .catch(() => {});
    },
  };
}

/** The branch as it was last seen stands for the branch as it is. */
function lastSeen(review: PlainGit): EngineParts["review"] {
  return {
    head: () => review.lastSeen(),
    read: (commit, path) => review.read(commit, path),
    anchor: (head, at) => review.anchor(head, at),
    proposals: () => review.proposals(),
    forget: (changesets) => review.forget(changesets),
    propose: (commit) => review.propose(commit),
    push: (commit, expected) => review.push(commit, expected),
  };
}

/** `cs-20261124-080000-4f2a`: sorts by time, and is never the same twice. */
export function newChangesetId(now: number): string {
  const stamp = new Date(now * 1000).toISOString().replace(/[-:]/g, "").slice(0, 15).replace("T", "-");
  return `cs-${stamp}-${randomBytes(3).toString("hex")}`;
}

/** The state of one workload a text. */
function* textsOf(snapshots: Iterable<readonly [string, ForecastingSnapshot]>): Iterable<string> {
  for (const one of snapshots) yield JSON.stringify(one);
}
