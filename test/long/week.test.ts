import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createForecaster } from "../../engine/forecast/forecaster.ts";
import { type SimulatedFault, SimulatedInfrastructure } from "../../engine/infrastructure/simulated.ts";
import { parseAnchor } from "../../engine/ledger/hash-chain.ts";
import { verifyLedger } from "../../engine/ledger/verify-ledger.ts";
import { verifyRecords } from "../../engine/ledger/verify-records.ts";
import { Engine } from "../../engine/loop/engine.ts";
import { LeadTimes } from "../../engine/loop/lead-times.ts";
import { ChangeManager } from "../../engine/orchestrator/change/change-manager.ts";
import { isFinal } from "../../engine/orchestrator/change/transitions.ts";
import { openControlStore } from "../../engine/store/control-store.ts";
import { createStoreDirectory, storeDirectory } from "../../engine/store/store-directory.ts";
import { computedUsage, cpuVector } from "../../engine/usage/computed-usage.ts";
import { type Capacity, parseCapacity, replicasAt } from "../../model/capacity.ts";
import { UNDER_WAY } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { parseProject } from "../../model/project.ts";
import { random } from "../change/kills.ts";
import { MemoryReviewHost } from "../change/memory-review-host.ts";

const SEED = Number(process.env.FORESHADOW_SEED ?? 1);
const STEP = 300;
const DAY = 86_400;
const DAYS = 7;
/** A Monday at midnight. */
const START = 20_000 * DAY + 4 * DAY;
const NAMES = ["web", "api"] as const;
type Name = (typeof NAMES)[number];
const PATH = "capacity/dev.yaml";
const CAPACITY = NAMES.map((name) => `${name}:\n  owns: desired\n  replicas: { count: 6 }\n  perReplica: { cpu: 1 }\n`);

/** Nothing is measured in these hours after the start: an agent that is away, and one that comes back late. */
const GAPS = [
  [2 * 24 + 9, 2 * 24 + 11],
  [5 * 24 + 20, 5 * 24 + 21],
];
const isGap = (at: number) => GAPS.some(([from, to]) => at > START + from * 3600 && at <= START + to * 3600);

/** Cores that a workload asks for: the hours of a day, quieter weekends, noise that is the same each time, and on one day a rush. */
function demandOf(name: Name, at: number): number {
  const hour = (((at % DAY) + DAY) % DAY) / 3600;
  const day = Math.floor((at - START) / DAY);
  const peak = name === "web" ? 13 : 20;
  const shape = 1 + Math.cos(((hour - peak) / 12) * Math.PI);
  const weekend = ((day % 7) + 7) % 7 >= 5 ? 0.6 : 1;
  const noise = random(Math.floor(at / STEP) * 2 + (name === "web" ? 0 : 1))();
  const rush = day === 3 && hour >= 10 && hour < 11 && name === "web" ? 4 : 0;
  return (1.5 + 3 * shape * weekend) * (0.95 + 0.1 * noise) + rush;
}

const base = mkdtempSync(join(tmpdir(), "foreshadow-week-"));
after(() => rmSync(base, { recursive: true, force: true }));

test(`a week of two workloads, with faults, gaps and restarts (seed ${SEED})`, { timeout: 3_600_000 }, async (t) => {
  const next = random(SEED);
  const directory = storeDirectory("sqlite:store", base);
  createStoreDirectory(directory);
  const review = new MemoryReviewHost({ [PATH]: `version: 1\n${CAPACITY.join("")}`, "index.ts": "a program" });
  const infrastructure = await SimulatedInfrastructure.create(
    async (checkout) => parseCapacity(review.text(checkout, PATH), PATH),
    review.branch,
  );
  const project = parseProject(
    `version: 1\nstep: 5m\nworkloads:\n${NAMES.map((name) => `  - { name: ${name}, select: { cgroup: /${name} }, stack: { dir: ".", name: dev }, constraints: c.yaml, mode: auto, leadTime: 5m, resources: ["${name}"] }\n`).join("")}`,
    "foreshadow.yaml",
  );
  const rules = parseConstraints(
    "version: 1\nperformance: { utilisation: { cpu: 70% } }\navailability: { replicas: { min: 2, max: 40 } }\nchange: { cooldown: { in: 30m } }\n",
    "c.yaml",
  );
  let [now, identifiers] = [START, 0];
  const clock = { now: () => now, monotonic: () => now };
  /** Replicas that the world has now: its plan goes on by itself. */
  const ready = (name: Name) => {
    const { replicas, plan = [] } = infrastructure.world.get(name)!.inputs as {
      replicas: number;
      plan?: Capacity["plan"];
    };
    return replicasAt({ owns: "desired", replicas: { count: replicas }, plan } as unknown as Capacity, now);
  };
  const status = { read: (name: string) => ({ ready: ready(name as Name), warming: 0, warmingPids: [], at: now }) };
  const usage = computedUsage(
    ({ workload, end }) => (end < START - 7 * DAY || isGap(end) ? Number.NaN : demandOf(workload as Name, end)),
    async (name) => {
      let at = now;
      while (isGap(at)) at -= STEP;
      const cpu = demandOf(name as Name, at);
      const replicas = ready(name as Name);
      return [cpuVector({ workload: name, host: "h", at, replicas }, cpu)];
    },
  );

  const start = async (models: Parameters<Engine["loop"]["load"]>[0]) => {
    const control = openControlStore(directory);
    const change = new ChangeManager({
      store: control,
      review,
      infrastructure,
      progress: { notify: () => {} },
      clock,
      newId: () => `c${++identifiers}`,
      constraints: () => rules,
      bound: (workload) => ({ own: [workload], others: NAMES.filter((name) => name !== workload) }),
      status,
      limits: { verifyDeadline: 0, verifyInterval: 0 },
    });
    const engine = new Engine({
      project,
      constraints: new Map(NAMES.map((name) => [name, rules])),
      control,
      usage,
      review,
      change,
      status,
      leadTimes: new LeadTimes(control, () => 300),
      createForecaster,
      clock,
      version: "test",
    });
    await engine.loop.load(models);
    return { control, change, engine };
  };

  let running = await start(new Map());
  const heap: number[] = [];
  const starved: Record<Name, number> = { web: 0, api: 0 };
  const FAULTS: SimulatedFault[] = ["locked", "refused", "lost-landed", "lost-before"];
  let duringGap: number[] | undefined;
  for (let tick = 1; tick <= (DAYS * DAY) / STEP; tick++) {
    now += STEP;
    if (next() < 0.02) infrastructure.faults.push(FAULTS[Math.floor(next() * FAULTS.length)]);
    await running.engine.loop.tick();
    while (running.engine.loop.busy) await turn();
    for (const changeset of await running.change.recover()) running.engine.loop.recovered(changeset);
    while (running.engine.loop.busy) await turn();

    const underWay = await running.control.changesets({ states: UNDER_WAY });
    for (const name of NAMES) {
      assert.ok(underWay.filter(({ workload }) => workload === name).length <= 1, `two changes of ${name} at ${tick}`);
      if (now > START + DAY && demandOf(name, now) > ready(name)) starved[name]++;
    }
    // A plan that was published before goes on; without measurements nothing new is released.
    const counts = NAMES.map((name) => Number(infrastructure.world.get(name)!.inputs.replicas));
    if (isGap(now) && duringGap !== undefined)
      assert.ok(
        counts.every((count, i) => count >= duringGap![i]),
        `a release without telemetry at ${tick}`,
      );
    duringGap = isGap(now) ? counts : undefined;

    if (tick % (DAY / STEP) === 0) {
      heap.push(liveBytes());
      // Each day another engine: mostly with what the one before knew, once without, as after its loss.
      const day = tick / (DAY / STEP);
      const models = new Map(running.engine.loop.snapshots());
      await running.engine.loop.stop();
      running.control.close();
      running = await start(day === 4 ? new Map() : models);
    }
  }
  infrastructure.faults.length = 0;
  for (const changeset of await running.change.recover()) running.engine.loop.recovered(changeset);
  await running.engine.loop.stop();
  const { control } = running;
  try {
    const all = await control.changesets({ limit: 100_000 });
    const done = all.filter(({ state }) => state === "done");
    assert.ok(done.length > 20, `it acted: ${done.length} changes`);
    assert.deepEqual(
      all.filter(({ state }) => !isFinal(state)).map(({ id, state }) => `${id} ${state}`),
      [],
      "nothing is left open",
    );
    const entries = await control.ledger();
    for (const { id } of all) {
      const applied = entries.filter(({ changeset, body }) => changeset === id && body.event === "applied");
      assert.ok(applied.length <= 1, `${id} was applied ${applied.length} times`);
    }
    const landed = all.filter(
      ({ state, changes }) => ["done", "diverged"].includes(state) && (changes?.length ?? 0) > 0,
    );
    assert.equal(infrastructure.writes.length, landed.length, "each change was written once, and nothing else was");

    const wanted = parseCapacity(review.text(review.branch, PATH), PATH);
    for (const name of NAMES) {
      assert.equal(replicasAt(wanted.get(name)!, now), ready(name), `git and the world agree on ${name}`);
      const ticks = ((DAYS - 1) * DAY) / STEP;
      assert.ok(
        starved[name] <= 0.02 * ticks,
        `${name} asked for more than there was in ${starved[name]} of ${ticks} ticks`,
      );
    }
    const anchors = (await review.anchors()).flatMap((text) => parseAnchor(text) ?? []);
    const witnesses = { head: await control.storedHead(), publicKey: control.publicKey(), anchors };
    const { problems, tail } = verifyLedger(entries, witnesses);
    assert.deepEqual({ problems, tail }, { problems: [], tail: "proven" });
    assert.deepEqual(verifyRecords(entries, await control.savedRecords()), []);
    const growth = heap.at(-1)! - heap[2];
    assert.ok(
      growth < 8 * 1024 ** 2,
      `memory is flat after the third day: ${heap.map((bytes) => Math.round(bytes / 1024 ** 2)).join(", ")} MiB`,
    );
    t.diagnostic(`${all.length} changes, ${done.length} done, ${entries.length} entries in the ledger`);
  } finally {
    control.close();
  }
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use after a collection, buffers included. */
function liveBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
