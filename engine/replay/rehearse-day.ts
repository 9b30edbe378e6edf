import { setTimeout as sleep } from "node:timers/promises";
import type { Catalogue } from "../../model/catalogue.ts";
import { type Changeset, UNDER_WAY } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { parseProject } from "../../model/project.ts";
import type { TimedFault } from "../../stacks/simulated/fault-file.ts";
import type { Cloud } from "../../stacks/simulated/rehearsal.ts";
import { inService } from "../../stacks/simulated/scaled-group.ts";
import { inWorld, readWorld } from "../../stacks/simulated/world-file.ts";
import { createForecaster } from "../forecast/forecaster.ts";
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
import { computedUsage, cpuVector } from "../usage/computed-usage.ts";
import { deployRehearsal } from "./deploy-rehearsal.ts";
import { aloneIn } from "./native-only.ts";
import { demandOf } from "./rehearsal-demand.ts";
import { rehearsedReview } from "./rehearsed-review.ts";
import { REMOTE } from "./simulated-review.ts";
import type { Trace } from "./trace.ts";
import { unapprovedWrites } from "./unapproved-writes.ts";

const WORKLOAD = "web";
/** Seconds a tick of the engine, and that pass between two readings of a target that is waited for. */
const STEP = 300;
const WAIT = 60;
/** Milliseconds between two looks at what is under way. */
const PATIENCE = 20;
const UTILISATION = 0.7;

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
  /** `review`: requests of changes and envelopes are merged by a simulated reviewer, and what an envelope covers goes on without asking. */
  readonly mode: "auto" | "review";
  /** What the machines may be: where it is given, a type of which none are to be had is left for the next one without asking. */
  readonly catalogue?: Catalogue;
  /** What the cloud does wrong, by instants ascending. */
  readonly faults?: readonly TimedFault[];
  /** Told what happens, a line each. */
  say(text: string): void;
  /** Ends the rehearsal when what is under way has ended. */
  readonly signal?: AbortSignal;
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
  /** In `review` mode: changes by what approved them, requests opened and open at once, pushes to their branch and to the reviewed one. */
  readonly review?: {
    readonly approvals: { readonly envelope: number; readonly merge: number };
    readonly requests: number;
    readonly mostOpen: number;
    readonly pushes: { readonly requests: number; readonly base: number };
  };
  /** Calls that changed the cloud; and those, in words, that the ledger has no approval for. */
  readonly writes: number;
  readonly unapproved: readonly string[];
  /** What `pulumi preview --refresh` would change at the end. */
  readonly drift: readonly string[];
  /** Seconds of the machine's own time that it took. */
  readonly seconds: number;
}

/**
 * A recorded stretch on a simulated cloud: the engine's own tick, forecasts and decisions, and each change through git and the real Pulumi engine
 * and SDK. Only the cloud behind the provider, and time, are simulated.
 *
 * @throws Error when the directory is in use, or the trace has too short a past; the signal's reason when it is aborted
 */
export async function rehearseDay(options: DayOptions): Promise<RehearsedDay> {
  const { cloud, directory, trace, from, to, machines, mode, catalogue, say, signal } = options;
  const begun = performance.now();
  const demand = demandOf(trace, { from, to, machines, tick: STEP, utilisation: UTILISATION });
  const points = demand.points(from, to);
  const stack = await deployRehearsal({ cloud, directory, now: from });
  const { root, worldFile, group, env } = stack;
  await inWorld(worldFile, from, ({ load }) => {
    load[group] = points;
  });
  // What bringing it up has written is no change.
  const written = readWorld(worldFile).calls.length;
  const nativeOnly = aloneIn(readWorld(worldFile), group);
  say(`a simulated ${cloud}: the stack is up, in ${root}`);

  const clock = { now: stack.now, monotonic: stack.now };
  const status = { read: stack.status };
  const usage = computedUsage(
    ({ begin, end, series }) => (series === "cpu" ? demand.mean(begin, end) : Number.NaN),
    async (workload) => {
      const at = stack.now();
      const cpu = demand.mean(at - STEP, at);
      return [cpuVector({ workload, host: "simulated", at, replicas: stack.status().ready }, cpu)];
    },
  );
  const project = parseProject(
    `version: 1\nstep: 5m\nplan: { every: 1h, granularity: 5m, steps: ${stack.planSteps} }\nworkloads:\n  - { name: ${WORKLOAD}, select: { cgroup: /${WORKLOAD} }, stack: { dir: ".", name: dev }, resources: ["${WORKLOAD}*"], constraints: c.yaml, mode: ${mode}, leadTime: 5m }\n`,
    "foreshadow.yaml",
  );
  const rules = parseConstraints(
    `version: 1\nperformance: { utilisation: { cpu: ${UTILISATION * 100}% } }\nscales: { cpu: out, memory: none, disk: none, network: none }\navailability: { replicas: { min: 2, max: ${Math.ceil(machines * 2)} } }\n${catalogue === undefined ? "" : "change: { vertical: auto }\n"}`,
    "c.yaml",
  );
  const store = storeDirectory("sqlite:.foreshadow", root);
  const control = openControlStore(store);
  const reviewed = mode === "review" ? await rehearsedReview({ root, store: store.path, control, clock }) : undefined;
  const review = reviewed?.review ?? new PlainGit({ root, store: store.path });
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
    // Who waits for machines lets time pass.
    status: stack.waiting(WAIT),
    limits: { verifyDeadline: 900, verifyInterval: 0 },
  });
  const engine = new Engine({
    project,
    constraints: new Map([[WORKLOAD, rules]]),
    ...(catalogue && { catalogues: new Map([[WORKLOAD, catalogue]]) }),
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
  const quiet = async () => {
    while (engine.loop.busy) await sleep(PATIENCE);
  };
  const turn = reviewed?.turn(engine, change, project, say);
  const faults = [...(options.faults ?? [])];
  const tally = { ticks: 0, short: 0, nativeShort: 0, hours: 0, nativeHours: 0 };
  try {
    await engine.loop.load(new Map());
    const told = new Set<string>();
    for (let at = from + STEP; at <= to; at += STEP) {
      signal?.throwIfAborted();
      stack.pass(Math.max(0, at - stack.now()));
      const begun = faults.splice(0, faults.filter((one) => one.at <= at).length);
      if (begun.length > 0)
        await inWorld(worldFile, stack.now(), (world) => world.faults.push(...begun.map(({ fault }) => fault)));
      const cpu = demand.mean(at - STEP, at);
      const needed = (cores: number) => ceiling(cpu / (cores * UTILISATION));
      const { instances, cores } = (await inWorld(worldFile, stack.now(), ({ groups }) => groups))[group];
      const served = inService({ instances }, stack.now());
      nativeOnly.advance(at);
      tally.ticks++;
      tally.short += needed(cores) > served ? 1 : 0;
      tally.nativeShort += needed(nativeOnly.group.cores) > inService(nativeOnly.group, at) ? 1 : 0;
      tally.hours += (instances.length * STEP) / 3600;
      tally.nativeHours += (nativeOnly.group.instances.length * STEP) / 3600;
      await engine.loop.tick();
      await quiet();
      await turn?.(quiet);
      for (const changeset of await change.recover()) engine.loop.recovered(changeset);
      for (const changeset of await control.changesets({ limit: 1000 }))
        if (!UNDER_WAY.includes(changeset.state) && !told.has(changeset.id)) {
          told.add(changeset.id);
          say(lineOf(changeset, served, needed(cores)));
        }
    }
    await engine.loop.stop();
    const entries = await control.ledger();
    const { problems } = verifyLedger(entries, {
      head: await control.storedHead(),
      publicKey: control.publicKey(),
      anchors: [],
    });
    const changesets = await control.changesets({ limit: 1000 });
    const states: Record<string, number> = {};
    for (const { state } of changesets) states[state] = (states[state] ?? 0) + 1;
    const writes = readWorld(worldFile).calls.slice(written);
    // Whoever works in the repository has pulled what was merged.
    if (reviewed !== undefined) await stack.run("git", "pull", "--quiet", "--ff-only", REMOTE, "main");
    const preview = await stack.pulumi("preview", "--refresh", "--json", "--stack", "dev");
    return {
      simulated: true,
      cloud,
      ticks: tally.ticks,
      shortTicks: { foreshadow: tally.short, nativeOnly: tally.nativeShort },
      machineHours: { foreshadow: Math.round(tally.hours), nativeOnly: Math.round(tally.nativeHours) },
      changesets: states,
      ledger: { entries: entries.length, valid: problems.length === 0 },
      ...(reviewed && {
        review: {
          approvals: {
            envelope: changesets.filter(({ envelope, state }) => state === "done" && envelope !== undefined).length,
            merge: changesets.filter(({ envelope, state }) => state === "done" && envelope === undefined).length,
          },
          requests: reviewed.host.opened,
          mostOpen: reviewed.host.mostOpen,
          pushes: reviewed.host.pushes(),
        },
      }),
      writes: writes.length,
      unapproved: unapprovedWrites(writes, entries, reviewed?.held ?? ((by) => by === "policy")),
      drift: changedIn(preview),
      seconds: Math.round((performance.now() - begun) / 1000),
    };
  } finally {
    control.close();
  }
}

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
