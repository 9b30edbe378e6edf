import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryControlStore } from "../../test/change/memory-control-store.ts";
import { Refused } from "../api/engine-control.port.ts";
import type { HistoryWindow, WorkloadHistory } from "../usage/history/usage-history.port.ts";
import type { LoadedPast } from "../usage/usage-store.port.ts";
import { type BackfillParts, Backfills } from "./backfills.ts";
import { hasUnlearnt, loadedSpans } from "./loaded-spans.ts";

const STEP = 60;
const SEASON = 3600;
const NOW = 1_000_020;

interface Piece extends LoadedPast {
  readonly workload: string;
  readonly series: string;
  readonly origin: string;
}

/** A past of two workloads, of which the second has nothing; what was stored and learnt of it. */
function ground(over: Partial<BackfillParts> = {}) {
  const control = new MemoryControlStore();
  const stored: Piece[] = [];
  const asked: { window: HistoryWindow; names: string[] }[] = [];
  const happened: string[] = [];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const parts: BackfillParts = {
    past: {
      origin: "prometheus http://p:9090",
      workloads: ["web", "mail"].map((name) => ({ name, signals: [] })),
      history: {
        read: async function* (workloads, window, _, only) {
          const names = workloads.map(({ name }) => name).filter((name) => only?.has(name) ?? true);
          asked.push({ window, names });
          await opened;
          for (const name of names) yield historyOf(name, window);
        },
      },
      close: () => happened.push("closed"),
    },
    usage: {
      backfill: async (workload, series, past, origin) => void stored.push({ workload, series, origin, ...past }),
    },
    control,
    clock: { now: () => NOW, monotonic: () => 0 },
    step: STEP,
    season: SEASON,
    tickSeconds: () => 1,
    learn: async (workload, series) => {
      happened.push(`${workload} learns ${series.join()}; to be learnt: ${await hasUnlearnt(control, workload)}`);
      return series.filter((one) => one === "cpu");
    },
    keep: async () => void happened.push("kept"),
    ...over,
  };
  return { backfills: new Backfills(parts), control, stored, asked, happened, open };
}

function historyOf(workload: string, window: HistoryWindow): WorkloadHistory {
  const ticks = Math.round((window.to - window.from) / window.step);
  const values = Float64Array.from({ length: ticks }, (_, i) => i);
  const usage = new Map(workload === "web" ? [["cpu", values] as const] : []);
  const replicas = new Float64Array(ticks);
  return { workload, window, usage, demand: usage, throttled: new Uint8Array(ticks), replicas, interval: 15 };
}

const ended = async (backfills: Backfills) => {
  while (backfills.list()[0].endedAt === undefined) await new Promise((resolve) => setImmediate(resolve));
  return backfills.list()[0];
};

test("a past is stored in pieces, marked with its origin, learnt, kept, and on record", async () => {
  const { backfills, control, stored, asked, happened, open } = ground();
  open();
  const started = backfills.start({ workloads: [], from: NOW - 1000 * STEP, by: "ann" });
  assert.equal(started.state, "reading");
  const done = await ended(backfills);
  assert.equal(done.state, "done", done.error);
  assert.deepEqual(asked, [{ window: { from: 940_020, to: NOW, step: STEP }, names: ["web", "mail"] }]);
  assert.deepEqual(done.workloads, [
    { workload: "web", ticks: { cpu: 1000 }, interval: 15, learnt: ["cpu"] },
    { workload: "mail", ticks: {}, interval: 15, learnt: [] },
  ]);
  assert.deepEqual(
    stored.map(({ workload, series, origin, from, values }) => [
      workload,
      series,
      origin,
      from,
      values.length,
      values[0],
    ]),
    [
      ["web", "cpu", "prometheus http://p:9090", 940_020, 720, 0],
      ["web", "cpu", "prometheus http://p:9090", 940_020 + 720 * STEP, 280, 720],
    ],
  );
  assert.deepEqual(happened, ["web learns cpu; to be learnt: true", "mail learns ; to be learnt: false", "kept"]);
  assert.equal(await hasUnlearnt(control, "web"), false);
  const { kind, workload, body } = control.entries[0];
  assert.deepEqual(
    [kind, workload, body.by, body.origin, body.ticks, control.entries.length],
    ["backfill", "web", "ann", "prometheus http://p:9090", { cpu: 1000 }, 1],
  );
});

test("what forecasts learn from is read unless a span is said, and one that was loaded before is replaced", async () => {
  const { backfills, control, asked, open } = ground();
  open();
  for (const from of [NOW - 600, undefined]) {
    backfills.start({ workloads: ["web"], ...(from !== undefined && { from }), by: "ann" });
    await ended(backfills);
  }
  assert.deepEqual(asked[1], { window: { from: NOW - 15 * SEASON, to: NOW, step: STEP }, names: ["web"] });
  assert.deepEqual(await loadedSpans(control, "web"), [
    { origin: "prometheus http://p:9090", from: NOW - 15 * SEASON, to: NOW, at: NOW },
  ]);
});

test("it is refused where it cannot be, and while it would put off the ticks", async () => {
  const request = { workloads: [], by: "ann" };
  assert.throws(() => ground({ past: undefined }).backfills.start(request), /expected a server/);
  assert.throws(() => ground({ tickSeconds: () => 31 }).backfills.start(request), /ticks take 31\.0 s of 60 s/);
  const { backfills, open } = ground();
  for (const span of [{ from: NOW + 600 }, { from: NOW - 500 * 86_400 }, { from: 60, to: 60 }, { from: Number.NaN }])
    assert.throws(() => backfills.start({ ...request, ...span }), Refused);
  backfills.start(request);
  assert.throws(() => backfills.start(request), /a backfill is under way/);
  open();
  await ended(backfills);
  assert.equal(backfills.start(request).state, "reading");
});

test("one that fails says why, and what it has loaded stays", async () => {
  const { backfills, stored, open } = ground({
    learn: async () => {
      throw new Error("no room");
    },
  });
  open();
  backfills.start({ workloads: [], by: "ann" });
  const { state, error } = await ended(backfills);
  assert.deepEqual([state, error, stored.length > 0], ["failed", "no room", true]);
});

test("an engine that stops ends it after the workload that is under way", async () => {
  const { backfills, stored, happened, open } = ground();
  backfills.start({ workloads: [], by: "ann" });
  const end = backfills.end();
  open();
  await end;
  const [{ state, error }] = backfills.list();
  assert.deepEqual([state, error, stored.length, happened], ["failed", "the engine stops", 0, ["closed"]]);
});
