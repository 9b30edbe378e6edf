import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { createForecaster } from "../../engine/forecast/forecaster.ts";
import { type SimulatedFault, SimulatedInfrastructure } from "../../engine/infrastructure/simulated.ts";
import { verifyLedger } from "../../engine/ledger/verify-ledger.ts";
import { Engine } from "../../engine/loop/engine.ts";
import { LeadTimes } from "../../engine/loop/lead-times.ts";
import { ChangeManager } from "../../engine/orchestrator/change/change-manager.ts";
import { isFinal } from "../../engine/orchestrator/change/transitions.ts";
import { computedUsage, cpuVector } from "../../engine/usage/computed-usage.ts";
import { baseReplicas, type Capacity, parseCapacity, replicasAt } from "../../model/capacity.ts";
import { UNDER_WAY } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { parseProject } from "../../model/project.ts";
import { random } from "./kills.ts";
import { MemoryControlStore } from "./memory-control-store.ts";
import { MemoryReviewHost } from "./memory-review-host.ts";

const STEP = 60;
/** A day of this world: short, so that forecasts have several behind them and the sequences stay short. */
const SEASON = 48 * STEP;
const START = 20_000 * 86_400;
const TICKS = 40;
const [LEAST, MOST] = [2, 12];
const PATH = "capacity/dev.yaml";
const FAULTS: readonly SimulatedFault[] = ["locked", "refused", "partial", "lost-landed", "lost-before"];

/** What came of a sequence, for those who count. */
export interface Sequence {
  readonly changesets: number;
  readonly applied: number;
}

/**
 * A random sequence of demand, faults, hands on the world and on git, outages, holds, approvals and restarts, on a clock and a world of its own.
 * The same seed is the same sequence. Holds after every step, whatever happens: one change of a workload at a time; what the engine itself
 * asks for is within the bounds; a freeze releases nothing; no change is applied twice. When all is well again, git and the world agree, nothing
 * is left under way, and the ledger is a chain.
 *
 * @throws AssertionError that names seed and step
 */
export async function playSequence(seed: number): Promise<Sequence> {
  const next = random(seed);
  const chance = (share: number) => next() < share;
  const oneOf = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)];
  const mode = oneOf(["auto", "review"]);
  const review = new MemoryReviewHost({
    [PATH]: "version: 1\nweb:\n  owns: desired\n  replicas: { count: 4 }\n  perReplica: { cpu: 1 }\n",
    "index.ts": "a program",
  });
  const infrastructure = await SimulatedInfrastructure.create(
    async (checkout) => parseCapacity(review.text(checkout, PATH), PATH),
    review.branch,
  );
  const project = parseProject(
    `version: 1\nseason: ${SEASON / 60}m\nstep: 1m\nplan: { every: 10m, granularity: 2m }\nworkloads:\n  - { name: web, select: { cgroup: /web }, stack: { dir: ".", name: dev }, constraints: c.yaml, mode: ${mode}, leadTime: 1m, resources: ["web"] }\n`,
    "foreshadow.yaml",
  );
  const rules = parseConstraints(
    `version: 1\nperformance: { utilisation: { cpu: 70% } }\nscales: { cpu: out, memory: none, disk: none, network: none }\navailability: { replicas: { min: ${LEAST}, max: ${MOST} } }\nchange: { cooldown: { in: 3m } }\nforecast: { tier: fast, horizon: 30m }\n`,
    "c.yaml",
  );
  let [now, identifiers, level, gap, tick] = [START, 0, 3, 0, 0];
  const told = (what: string) => `seed ${seed}, step ${tick}: ${what}`;
  const clock = { now: () => now, monotonic: () => now };
  const phase = (at: number) => 1 + 0.6 * Math.sin((2 * Math.PI * (at - START)) / SEASON);
  const measured = new Map<number, number>();
  const demandAt = (end: number) =>
    end <= START ? 3 * phase(end) * (0.95 + 0.1 * random(end)()) : (measured.get(end) ?? Number.NaN);
  const pool = () => infrastructure.world.get("web")!.inputs as { replicas: number; plan?: Capacity["plan"] };
  const ready = () => replicasAt({ replicas: { count: pool().replicas }, plan: pool().plan ?? [] }, now);
  const status = { read: () => ({ ready: ready(), warming: 0, warmingPids: [], at: now }) };
  const usage = computedUsage(
    ({ end }) => (end < START - 6 * SEASON ? Number.NaN : demandAt(end)),
    async (workload) => {
      const at = now - gap * STEP;
      const cpu = demandAt(at);
      return [cpuVector({ workload, host: "h", at, replicas: ready() }, cpu)];
    },
  );
  const control = new MemoryControlStore();
  const start = async () => {
    const change = new ChangeManager({
      store: control,
      review,
      infrastructure,
      progress: { notify: () => {} },
      clock,
      newId: () => `c${++identifiers}`,
      constraints: () => rules,
      bound: () => ({ own: ["web"], others: [] }),
      status,
      limits: { verifyDeadline: 0, verifyInterval: 0 },
    });
    const engine = new Engine({
      project,
      constraints: new Map([["web", rules]]),
      control,
      usage,
      review,
      change,
      status,
      leadTimes: new LeadTimes(control, () => STEP),
      createForecaster,
      clock,
      version: "test",
    });
    await engine.loop.load(new Map());
    return { change, engine };
  };

  let running = await start();
  const idle = async () => {
    while (running.engine.loop.busy) await turn();
  };
  const recover = async () => {
    for (const changeset of await running.change.recover()) running.engine.loop.recovered(changeset);
    await idle();
  };
  /** What a person has done to the world by hand and not put back: from, to. */
  let byHand: readonly [number, number] | undefined;
  const putBack = () => {
    // A raise that a change has taken over is git's word now: to take it back by hand would be another hand on the world.
    const asked = parseCapacity(review.text(review.branch, PATH), PATH).get("web")!;
    if (byHand !== undefined && pool().replicas === byHand[1] && baseReplicas(asked) !== byHand[1])
      infrastructure.drift("web", { replicas: byHand[0] });
    byHand = undefined;
  };
  let frozen = false;
  const appliedOf = async () =>
    (await control.ledger()).filter(({ body }) => body.event === "applied").map(({ changeset }) => changeset!);

  for (tick = 1; tick <= TICKS; tick++) {
    now += STEP;
    if (chance(0.1)) level = 1 + 5 * next();
    gap = gap > 0 ? (gap + 1) % 5 : chance(0.05) ? 1 : 0;
    if (gap === 0) measured.set(now, level * phase(now) * (0.9 + 0.2 * next()));
    if (chance(0.08)) infrastructure.faults.push(oneOf(FAULTS));
    if (chance(0.06)) review.reachable = !review.reachable;
    if (chance(0.04)) review.edit("index.ts", `a program, edited at ${tick}`);
    if (byHand !== undefined && chance(0.3)) putBack();
    else if (byHand === undefined && chance(0.04) && (await control.changesets({ states: UNDER_WAY })).length === 0) {
      byHand = [pool().replicas, Math.floor(1 + 14 * next())];
      infrastructure.drift("web", { replicas: byHand[1] });
    }
    if (chance(0.05)) {
      frozen = !frozen;
      if (frozen) await running.engine.freeze({ workload: "*", all: false, by: "a person" });
      else await running.engine.unfreeze("*", "a person");
    }
    const before = new Set(await appliedOf());
    await running.engine.loop.tick();
    await idle();
    if (mode === "review")
      for (const { id, state } of await control.changesets({ states: ["awaiting-approval"] }))
        if (state === "awaiting-approval" && chance(0.6)) {
          await (chance(0.8) ? running.change.approve(id, "a person") : running.change.reject(id, "a person"));
          await running.change.advance(id);
        }
    if (chance(0.5)) await recover();
    if (chance(0.03)) {
      await running.engine.loop.stop();
      running = await start();
    }

    const open = await control.changesets({ states: UNDER_WAY });
    assert.ok(open.length <= 1, told(`${open.length} changes at a time`));
    for (const { id, after, before: was, requestedBy, urgent } of await control.changesets()) {
      if (requestedBy !== undefined) continue;
      const asked = [replicasAt(after, now), ...after.plan.map(({ floor }) => floor)];
      assert.ok(
        asked.every((count) => count >= LEAST && count <= MOST),
        told(`${id} asks for ${asked.join(", ")}, allowed are ${LEAST} to ${MOST}`),
      );
      const appliedNow = !before.has(id) && (await appliedOf()).includes(id);
      if (frozen && appliedNow && urgent !== true)
        assert.ok(replicasAt(after, now) >= replicasAt(was, now), told(`${id} released while frozen`));
    }
    const applied = await appliedOf();
    assert.equal(new Set(applied).size, applied.length, told("a change was applied twice"));
  }

  tick = TICKS + 1;
  infrastructure.faults.length = 0;
  review.reachable = true;
  putBack();
  await running.engine.unfreeze("*", "a person");
  for (let round = 0; round < 5; round++) {
    await recover();
    for (const { id } of await control.changesets({ states: ["awaiting-approval"] }))
      await running.change.reject(id, "a person");
  }
  const all = await control.changesets();
  const left = all.filter(({ state }) => !isFinal(state)).map(({ id, state }) => `${id} ${state}`);
  assert.deepEqual(left, [], told("something is left open"));
  const { changes } = await (await infrastructure.begin("the end", { dir: ".", name: "dev" })).preview(review.branch);
  assert.deepEqual(changes, [], told("git and the world differ"));
  await running.engine.loop.stop();
  const { problems } = verifyLedger(await control.ledger());
  assert.deepEqual(problems, [], told("the ledger is no chain"));
  return { changesets: all.length, applied: (await appliedOf()).length };
}
