import { execFile } from "node:child_process";
import { setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import { type Changeset, UNDER_WAY } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { parseProject } from "../../model/project.ts";
import { atTime, type Cloud, createRehearsal } from "../../stacks/simulated/rehearsal.ts";
import { advanceGroup, inService, type ScaledGroup } from "../../stacks/simulated/scaled-group.ts";
import type { World } from "../../stacks/simulated/world.ts";
import { advance, inWorld, readWorld } from "../../stacks/simulated/world-file.ts";
import { createForecaster } from "../forecast/forecaster.ts";
import { locatePulumi, pathFor } from "../infrastructure/pulumi-command.ts";
import { PulumiInfrastructure } from "../infrastructure/pulumi-infrastructure.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { Engine } from "../loop/engine.ts";
import { LeadTimes } from "../loop/lead-times.ts";
import { ChangeManager } from "../orchestrator/change/change-manager.ts";
import { ceiling } from "../orchestrator/finite.ts";
import { PACKAGE } from "../package.ts";
import { PlainGit } from "../review/plain-git.ts";
import { openControlStore } from "../store/control-store.ts";
import { storeDirectory } from "../store/store-directory.ts";
import { computedUsage } from "../usage/computed-usage.ts";
import type { Trace } from "./trace.ts";

const WORKLOAD = "web";
/** Seconds a tick of the engine, and that pass between two readings of a target that is waited for. */
const STEP = 300;
const WAIT = 60;
const UTILISATION = 0.7;
/** Steps that a plan may have: what the cloud has room for. */
const PLAN_STEPS: Record<Cloud, number> = { aws: 100, gcp: 100, azure: 18 };

export interface DayOptions {
  readonly cloud: Cloud;
  /** An empty directory, or one that is not there yet. */
  readonly directory: string;
  readonly trace: Trace;
  /** Epoch seconds within the trace; what lies before `from` is history. */
  readonly from: number;
  readonly to: number;
  /** Machines that the busiest tick of the stretch calls for: the trace is scaled to it. */
  readonly machines: number;
  /** `review`: each change waits for an approval, which the rehearsal gives. */
  readonly mode: "auto" | "review";
  /** Told what happens, a line each. */
  say(text: string): void;
}

/** What came of a rehearsed stretch. */
export interface RehearsedDay {
  readonly simulated: true;
  readonly cloud: Cloud;
  readonly ticks: number;
  /** Ticks that called for more machines than served, and machine-hours; the cloud's own autoscaler alone beside it. */
  readonly shortTicks: { readonly foreshadow: number; readonly nativeOnly: number };
  readonly machineHours: { readonly foreshadow: number; readonly nativeOnly: number };
  /** Changesets by the state they ended in. */
  readonly changesets: Readonly<Record<string, number>>;
  readonly ledger: { readonly entries: number; readonly valid: boolean };
  /** What `pulumi preview --refresh` would change at the end. */
  readonly drift: readonly string[];
}

/**
 * A recorded stretch on a simulated cloud: the engine's own tick, forecasts and decisions, and each change through git and the real Pulumi engine
 * and SDK. Only the cloud behind the provider, and time, are simulated.
 *
 * @throws Error when the directory is in use, or the trace has too short a past
 */
export async function rehearseDay(options: DayOptions): Promise<RehearsedDay> {
  const { cloud, directory, trace, from, to, machines, mode, say } = options;
  const demand = demandOf(trace, from, to, machines);
  const { root, worldFile, group, env: more } = createRehearsal({ cloud, directory, now: from });
  const pulumi = locatePulumi();
  const env: NodeJS.ProcessEnv = { ...process.env, ...more, ...atTime(from), PATH: pathFor(pulumi) };
  const run = (...args: string[]) =>
    promisify(execFile)(pulumi, [...args, "--stack", "dev", "--non-interactive"], { cwd: root, env });
  await promisify(execFile)(pulumi, ["stack", "init", "dev", "--non-interactive"], { cwd: root, env });
  await run("up", "--yes", "--skip-preview");
  await inWorld(worldFile, from, ({ load }) => {
    load[group] = demand.points(from, to);
  });
  const nativeOnly = aloneWith(readWorld(worldFile).groups[group], from);
  say(`a simulated ${cloud}: the stack is up, in ${root}`);

  let now = from;
  const pass = (seconds: number) => {
    now += seconds;
    Object.assign(env, atTime(now));
  };
  const clock = { now: () => now, monotonic: () => now };
  const world = (): World => {
    const copy = readWorld(worldFile);
    advance(copy, now);
    return copy;
  };
  const serving = () => inService(world().groups[group], now);
  const status = {
    read: () => ({ ready: serving(), warming: 0, warmingPids: [], at: now }),
  };
  /** Who waits for a target lets time pass. */
  const patient = {
    read: () => {
      pass(WAIT);
      return status.read();
    },
  };
  const usage = computedUsage(
    ({ begin, end, series }) => (series === "cpu" ? demand.mean(begin, end) : Number.NaN),
    async (workload) => {
      const cpu = demand.mean(now - STEP, now);
      const measures = { usage: { cpu }, demand: { cpu }, censored: [], missing: [], processes: [] };
      return [{ workload, host: "simulated", at: now, interval: 1, replicas: serving(), ...measures }];
    },
  );
  const project = parseProject(
    `version: 1\nstep: 5m\nplan: { every: 1h, granularity: 5m, steps: ${PLAN_STEPS[cloud]} }\nworkloads:\n  - { name: ${WORKLOAD}, select: { cgroup: /${WORKLOAD} }, stack: { dir: ".", name: dev }, resources: ["${WORKLOAD}*"], constraints: c.yaml, mode: ${mode}, leadTime: 5m }\n`,
    "foreshadow.yaml",
  );
  const rules = parseConstraints(
    `version: 1\nperformance: { utilisation: { cpu: ${UTILISATION * 100}% } }\nscales: { cpu: out, memory: none, disk: none, network: none }\navailability: { replicas: { min: 2, max: ${Math.ceil(machines * 2)} } }\n`,
    "c.yaml",
  );
  const store = storeDirectory("sqlite:.foreshadow", root);
  const control = openControlStore(store);
  const review = new PlainGit({ root, store: store.path });
  let identifiers = 0;
  const change = new ChangeManager({
    store: control,
    review,
    infrastructure: new PulumiInfrastructure({ root, store: store.path, env, niceness: 0 }),
    progress: { notify: () => {} },
    clock,
    newId: () => `c${String(++identifiers).padStart(4, "0")}`,
    constraints: () => rules,
    bound: () => ({ own: [`${WORKLOAD}*`], others: [] }),
    status: patient,
    limits: { verifyDeadline: 900, verifyInterval: 0 },
  });
  const engine = new Engine({
    project,
    constraints: new Map([[WORKLOAD, rules]]),
    control,
    usage,
    review,
    change,
    status,
    leadTimes: new LeadTimes(control, () => STEP),
    createForecaster,
    clock,
    version: PACKAGE.version,
  });
  const tally = { ticks: 0, short: 0, nativeShort: 0, hours: 0, nativeHours: 0 };
  try {
    await engine.loop.load(new Map());
    const told = new Set<string>();
    for (let at = from + STEP; at <= to; at += STEP) {
      if (at > now) pass(at - now);
      await inWorld(worldFile, now, () => {});
      const needed = ceiling(demand.mean(at - STEP, at) / (nativeOnly.cores * UTILISATION));
      const { instances, cores } = world().groups[group];
      const served = inService({ instances }, now);
      advanceGroup(nativeOnly, at - STEP, at, demand.points(from, to), readWorld(worldFile).rules, ALONE);
      const nativeServed = inService(nativeOnly, at);
      tally.ticks++;
      tally.short += ceiling(demand.mean(at - STEP, at) / (cores * UTILISATION)) > served ? 1 : 0;
      tally.nativeShort += needed > nativeServed ? 1 : 0;
      tally.hours += (instances.length * STEP) / 3600;
      tally.nativeHours += (nativeOnly.instances.length * STEP) / 3600;
      await engine.loop.tick();
      while (engine.loop.busy) await turn();
      for (const { id } of await control.changesets({ states: ["awaiting-approval"] })) {
        await change.approve(id, "the rehearsal");
        await change.advance(id);
      }
      for (const changeset of await change.recover()) engine.loop.recovered(changeset);
      for (const changeset of await control.changesets({ limit: 1000 }))
        if (!UNDER_WAY.includes(changeset.state) && !told.has(changeset.id)) {
          told.add(changeset.id);
          say(lineOf(changeset, served, needed));
        }
    }
    await engine.loop.stop();
    const entries = await control.ledger();
    const { problems } = verifyLedger(entries, {
      head: await control.storedHead(),
      publicKey: control.publicKey(),
      anchors: [],
    });
    const states: Record<string, number> = {};
    for (const { state } of await control.changesets({ limit: 1000 })) states[state] = (states[state] ?? 0) + 1;
    const { stdout } = await run("preview", "--refresh", "--json");
    return {
      simulated: true,
      cloud,
      ticks: tally.ticks,
      shortTicks: { foreshadow: tally.short, nativeOnly: tally.nativeShort },
      machineHours: { foreshadow: Math.round(tally.hours), nativeOnly: Math.round(tally.nativeHours) },
      changesets: states,
      ledger: { entries: entries.length, valid: problems.length === 0 },
      drift: changedIn(stdout),
    };
  } finally {
    control.close();
  }
}

interface Demand {
  /** Mean cores over a stretch; NaN in a gap. */
  mean(begin: number, end: number): number;
  points(from: number, to: number): { at: number; cpu: number }[];
}

/** The trace in cores, scaled so that its busiest tick calls for so many machines of two cores. */
function demandOf({ startsAt, step, series }: Trace, from: number, to: number, machines: number): Demand {
  const values = series.get("cpu") ?? series.values().next().value!;
  const raw = (begin: number, end: number) => {
    const slice = values.subarray(
      Math.max(0, Math.round((begin - startsAt) / step)),
      Math.max(0, Math.round((end - startsAt) / step)),
    );
    return slice.length === 0 ? Number.NaN : slice.reduce((sum, value) => sum + value, 0) / slice.length;
  };
  let most = 0;
  for (let at = from; at < to; at += STEP) most = Math.max(most, raw(at, at + STEP) || 0);
  if (!(most > 0)) throw new Error("expected a trace with demand in the stretch that is rehearsed, found none");
  const factor = (machines * 2 * UTILISATION * 0.999) / most;
  const mean = (begin: number, end: number) => raw(begin, end) * factor;
  return {
    mean,
    points(begin, end) {
      const points: { at: number; cpu: number }[] = [];
      for (let at = begin; at < end; at += 60) {
        const cpu = mean(at, at + 60);
        if (!Number.isNaN(cpu)) points.push({ at, cpu });
      }
      return points;
    },
  };
}

/** The same group left to the cloud's own autoscaler. */
function aloneWith(group: ScaledGroup, from: number): ScaledGroup {
  return {
    ...structuredClone(group),
    schedules: [],
    instances: group.instances.map((one) => ({ ...one, inServiceAt: from })),
  };
}

let machines = 0;
const ALONE = { launch: () => ({ id: `alone-${++machines}` }), tell: () => {} };

function lineOf({ id, state, changes = [], failure, updatedAt }: Changeset, served: number, needed: number): string {
  const time = new Date(updatedAt * 1000).toISOString().slice(11, 16);
  const what = changes
    .slice(0, 3)
    .map(({ resource, property, operation }) => `${operation} ${resource}${property === "" ? "" : `.${property}`}`);
  const rest = changes.length > 3 ? ` and ${changes.length - 3} more` : "";
  return `${time}  ${id} ${state}: ${failure?.message ?? what.join(", ") + rest} (${served} serve, ${needed} needed)`;
}

function changedIn(preview: string): string[] {
  const { steps = [] } = JSON.parse(preview) as { steps?: { op: string; urn: string }[] };
  return steps
    .filter(({ op }) => op !== "same" && op !== "refresh")
    .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
}
