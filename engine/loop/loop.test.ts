import assert from "node:assert/strict";
import { test } from "node:test";
import { editCapacity, parseCapacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { parseProject } from "../../model/project.ts";
import type { UsageVector } from "../../model/vector.ts";
import { MemoryControlStore } from "../../test/change/memory-control-store.ts";
import { createForecaster } from "../forecast/forecaster.ts";
import type { Proposal } from "../orchestrator/change/intent.ts";
import { ReviewHostError } from "../orchestrator/change/review-host.port.ts";
import { computedUsage } from "../usage/computed-usage.ts";
import { Engine } from "./engine.ts";
import { LeadTimes } from "./lead-times.ts";

const STEP = 60;
const START = 1_800_000_000;
const CAPACITY = `version: 1
web:
  owns: desired
  replicas: { count: 4 }
  perReplica: { cpu: 1 }
`;

/** An engine whose time, past, git and change are the test's. */
async function setUp(
  options: {
    mode?: string;
    demand?: (at: number) => number;
    advance?: (changeset: Changeset) => Promise<Changeset>;
  } = {},
) {
  const {
    mode = "auto",
    demand = () => 2,
    advance = async (changeset) => ({ ...changeset, state: "done", updatedAt: now, leadTime: 30 }) as Changeset,
  } = options;
  let now = START;
  let text = CAPACITY;
  let measuredAt: number | undefined;
  const proposals: Proposal[] = [];
  const events: string[] = [];
  const anchors: { entry: number; at: number }[] = [];
  const gitReachable = { now: true };
  const control = new MemoryControlStore();
  const project = parseProject(
    `version: 1
workloads:
  - { name: web, select: { cgroup: /web }, stack: { dir: ".", name: dev }, constraints: web.yaml, mode: ${mode}, leadTime: 1m }
`,
    "foreshadow.yaml",
  );
  const constraints = parseConstraints("version: 1\nperformance: { utilisation: { cpu: 100% } }\n", "web.yaml");
  const vector = (at: number): UsageVector => ({
    workload: "web",
    host: "h",
    at,
    interval: 1,
    replicas: parseCapacity(text, "c").get("web")!.replicas as unknown as number,
    usage: { cpu: demand(at) },
    demand: { cpu: demand(at) },
    censored: [],
    missing: [],
    processes: [],
  });
  const count = () => (parseCapacity(text, "c").get("web")!.replicas as { count: number }).count;
  const usage = computedUsage(
    ({ end }) =>
      // A workload of three hours: a past of weeks would only be slow to learn.
      end < START - 3 * 3600 || (measuredAt !== undefined && end > measuredAt) ? Number.NaN : demand(end),
    async () => [{ ...vector(measuredAt ?? now), replicas: count() }],
  );
  const changesets = new Map<string, Changeset>();
  const engine = new Engine({
    project,
    constraints: new Map([["web", constraints]]),
    control,
    usage,
    review: {
      head: async () => "c0ffee",
      read: async () => text,
      proposals: async () => [],
      forget: async () => {},
      propose: async () => "c0ffee",
      push: async () => ({ outcome: "pushed" }),
      anchor: async (head, at) => {
        if (!gitReachable.now) throw new Error("git: no space left");
        anchors.push({ entry: Number.parseInt(head, 10), at: at - START });
      },
    },
    change: {
      propose: async (proposal) => {
        if (!gitReachable.now) throw new ReviewHostError("git fetch: no route to host");
        proposals.push(proposal);
        const { workload, stack, after, reasons } = proposal;
        const before = parseCapacity(text, "c").get("web")!;
        const changeset: Changeset = {
          id: `cs-${proposals.length}`,
          workload,
          stack,
          state: "applying",
          createdAt: now,
          updatedAt: now,
          revision: 1,
          before,
          after,
          reasons,
        };
        changesets.set(changeset.id, changeset);
        await control.save(changeset, 0, { at: now, kind: "decision", body: {} });
        return changeset;
      },
      advance: async (id) => {
        const changeset = changesets.get(id)!;
        const after = await advance(changeset);
        if (after.state === "done") text = editCapacity(text, "c", "web", changeset.after);
        await control.save({ ...after, revision: 2 }, 1, { at: now, kind: "state", body: {} });
        return after;
      },
      approve: async (id) => changesets.get(id)!,
      reject: async (id) => changesets.get(id)!,
      rollback: async (id) => changesets.get(id)!,
    },
    status: { read: () => undefined },
    leadTimes: new LeadTimes(control, () => 60),
    createForecaster,
    clock: { now: () => now, monotonic: () => now },
    version: "test",
  });
  await engine.loop.load(new Map());
  void engine.follow(
    (event) => events.push(event.type === "alert" ? `alert: ${event.text}` : event.type),
    new AbortController().signal,
  );
  return {
    engine,
    control,
    proposals,
    events,
    anchors,
    gitReachable,
    count,
    at: async (seconds: number) => {
      now = START + seconds;
      const ticked = await engine.loop.tick();
      await new Promise((resolve) => setImmediate(resolve));
      return ticked;
    },
    stopMeasuring: () => {
      measuredAt = now;
    },
  };
}

test("a clock that steps back makes no second tick of the same minute, and none is lost after it", async () => {
  const { at, control } = await setUp({ mode: "observe" });
  assert.equal(await at(60), true);
  assert.equal(await at(65), false);
  assert.equal(await at(10), false);
  assert.equal(await at(119), false);
  assert.equal(await at(120), true);
  assert.equal(control.entries.filter(({ kind }) => kind === "tick").length, 2);
  assert.equal(await control.value("last-tick"), String(START + 120));
});

test("in observe mode what was decided is seen and nothing is proposed", async () => {
  const { at, proposals, engine } = await setUp({ mode: "observe", demand: () => 9 });
  await at(60);
  assert.equal(proposals.length, 0);
  const [view] = (await engine.status()).workloads;
  assert.equal(view.need, 9);
  assert.equal(view.target, 9);
});

test("present demand beyond what is there is proposed at once, as urgent, with the input it was decided on", async () => {
  const { at, proposals, count } = await setUp({ demand: () => 9 });
  await at(60);
  assert.equal(proposals.length, 1);
  assert.equal(proposals[0].urgent, true);
  assert.equal(proposals[0].mode, "auto");
  assert.match(proposals[0].evidence?.input ?? "", /"workload":"web"/);
  await at(120);
  assert.ok(count() > 4);
});

test("one workload and the figures of the engine are told as the list tells them", async () => {
  const { at, engine } = await setUp({ demand: () => 9, advance: () => new Promise(() => {}) });
  await at(60);
  const [{ states }] = await engine.fleet();
  assert.deepEqual([states, (await engine.workload("web")).states], [["acting"], ["acting"]]);
  const page = await engine.metrics();
  assert.match(page, /^foreshadow_tick_duration_seconds_count 1$/m);
  assert.match(page, /^foreshadow_changesets\{state="applying"\} 1$/m);
});

test("while a changeset is on its way no other is proposed for its workload", async () => {
  let land: (changeset: Changeset) => void = () => {};
  const advance = () =>
    new Promise<Changeset>((resolve) => {
      land = resolve;
    });
  const { at, proposals, engine } = await setUp({ demand: () => 9, advance });
  await at(60);
  await at(120);
  assert.equal(proposals.length, 1);
  assert.equal(engine.loop.busy, true);
  land({
    ...((await engine.changeset("cs-1")) as Changeset),
    state: "refused",
    failure: { step: "gate", message: "blast radius" },
  });
  await engine.loop.stop();
  assert.equal(engine.loop.busy, false);
});

test("what was refused is not proposed again every tick, and a person is told why", async () => {
  const { at, proposals, events } = await setUp({
    demand: () => 9,
    advance: async (changeset) => ({
      ...changeset,
      state: "refused",
      failure: { step: "gate", message: "blast radius" },
    }),
  });
  await at(60);
  await at(120);
  await at(180);
  assert.equal(proposals.length, 1);
  assert.ok(events.some((text) => text.includes("refused: blast radius")));
  await at(60 + 11 * STEP);
  assert.equal(proposals.length, 2);
});

test("telemetry that stops releases nothing, however low demand was before", async () => {
  const { at, proposals, stopMeasuring, engine } = await setUp({ demand: () => 1 });
  await at(60);
  const before = proposals.length;
  stopMeasuring();
  for (let minute = 2; minute < 40; minute++) await at(60 * minute);
  assert.equal(
    proposals.slice(before).filter(({ after }) => "count" in after.replicas && after.replicas.count < 4).length,
    0,
  );
  const [view] = (await engine.status()).workloads;
  assert.ok(view.reasons.some(({ kind }) => kind === "telemetry"));
});

test("a freeze holds from the next tick on, a person's pin acts at once", async () => {
  const { at, proposals, engine } = await setUp({ demand: () => 9 });
  await engine.freeze({ workload: "web", all: true, by: "ann" });
  await at(60);
  assert.equal(proposals.length, 0);
  await engine.unfreeze("web", "ann");
  await engine.pin({ workload: "web", min: 12, until: START + 7200, by: "ann" });
  await at(120);
  assert.deepEqual(
    proposals.map(({ after }) => after.replicas),
    [{ count: 12 }],
  );
});

test("a workload that cannot be evaluated is told, and the tick is recorded all the same", async () => {
  const { at, events, control } = await setUp({
    demand: () => {
      throw new Error("the usage store is gone");
    },
  });
  assert.equal(await at(60), true);
  assert.ok(events.some((text) => text.includes("the usage store is gone")));
  assert.equal(control.entries.at(-1)?.kind, "tick");
});

test("the ledger is anchored at the first tick, each hour, after a changeset's outcome and at the stop", async () => {
  const observed = await setUp({ mode: "observe" });
  for (let minute = 1; minute <= 130; minute++) await observed.at(60 * minute);
  assert.deepEqual(
    observed.anchors.map(({ at }) => at),
    [60, 3660, 7260],
  );
  await observed.engine.loop.stop();
  assert.equal(observed.anchors.at(-1)?.entry, observed.control.entries.length);

  const acting = await setUp({ demand: () => 9 });
  await acting.at(60);
  await acting.engine.loop.stop();
  const outcome = acting.control.entries.findLast(({ kind }) => kind === "state")!.sequence;
  assert.ok(acting.anchors.some(({ entry }) => entry >= outcome));
});

test("git out of reach is told, and neither tick nor stop fails for it", async () => {
  const { at, engine, gitReachable, events, anchors } = await setUp({ mode: "observe" });
  gitReachable.now = false;
  assert.equal(await at(60), true);
  await engine.loop.stop();
  assert.deepEqual(anchors, []);
  assert.ok(events.includes("alert: the ledger was not anchored in git: git: no space left"));
});

test("what cannot be proposed while git is out of reach is told; the tick is evaluated, and the next proposes", async () => {
  const { at, engine, gitReachable, events, proposals } = await setUp({ demand: () => 9 });
  gitReachable.now = false;
  assert.equal(await at(60), true);
  assert.ok(events.includes("alert: web: nothing was proposed: git fetch: no route to host"));
  assert.ok(!events.some((text) => text.includes("not evaluated")));
  assert.equal((await engine.status()).workloads[0].need, 9);
  gitReachable.now = true;
  await at(120);
  assert.equal(proposals.length, 1);
});

test("numbers that a person wrote and that wait for approval are not replaced, but for a rescue", async () => {
  let demand = 2;
  const { at, proposals } = await setUp({
    mode: "review",
    demand: () => demand,
    advance: async (changeset) => ({ ...changeset, state: "awaiting-approval", editedBy: "ann" }),
  });
  for (let minute = 1; minute < 60; minute++) await at(60 * minute);
  const before = proposals.length;
  assert.ok(before > 0, "a release is proposed");
  const [first] = proposals;
  assert.ok(proposals.every(({ after }) => JSON.stringify(after) === JSON.stringify(first.after)));
  demand = 9;
  await at(60 * 60);
  assert.equal(proposals.length, before + 1);
  assert.equal(proposals.at(-1)?.urgent, true);
});
