import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { UsageVector } from "../../model/vector.ts";
import { daily } from "../forecast/synthetic.ts";
import { DAY, feedbackEngine, type Measured, vectorOf } from "./feedback.fixture.ts";

/** No sample that a machine or a network could come up with crashes the loop, releases capacity or leaves a number that is none. */

const LIFE = [...daily(6 * DAY, DAY, 5)];
const HISTORY = LIFE.slice(0, 3 * DAY);

const bad = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  -1,
  -1e308,
  1e15,
  1e99,
  1e200,
  1e308,
  5e-324,
);
const usage = fc.record({ cpu: bad, errors: bad, requests: bad }, { requiredKeys: [] });
/** Vectors that come twice, late, from the future, of no replica or of too many. */
const vectors = fc.array(
  fc.record({
    host: fc.constantFrom("a", "a", "b"),
    shift: fc.constantFrom(0, 0, -3600, 3600, -86_400 * 30, Number.NaN),
    replicas: fc.constantFrom(0, 1, 4, 4, 1e9, Number.NaN),
    usage,
  }),
  { maxLength: 4 },
);
const tick = fc.record({ demand: fc.oneof(bad, fc.double()), vectors });

function sent(
  all: { host: string; shift: number; replicas: number; usage: UsageVector["usage"] }[],
): Measured["vectors"] {
  return (at) =>
    all.map(({ host, shift, replicas, usage }) =>
      vectorOf(at + shift, {
        host,
        replicas,
        usage,
        demand: usage,
        processes: [
          { identity: { pid: 1, startTime: 1 }, executable: "x", threads: [], usage, demand: usage, censored: [] },
        ],
      }),
    );
}

function assertFinite(value: unknown, path: string): void {
  if (typeof value === "number") assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (typeof value === "object" && value !== null)
    for (const [key, part] of Object.entries(value)) assertFinite(part, `${path}.${key}`);
}

type Run = Awaited<ReturnType<typeof feedbackEngine>>;

async function assertSound({ engine, control, alerts, now }: Run) {
  const status = await engine.status();
  assertFinite(status, "status");
  assert.ok(!status.alerts.some((text) => text.includes("was not evaluated")), status.alerts.join("; "));
  assertFinite(await engine.forecast("web").then(({ series }) => series.cpu?.points), "forecast");
  assertFinite(alerts, "alerts");
  assertFinite(await engine.alerts(), "alerts");
  assertFinite(await engine.quarantines(), "quarantines");
  assertFinite(await engine.report({ from: Math.max(0, now() - 7200), to: now() }), "report");
  for (const { body, kind } of control.entries) if (kind !== "decision") assertFinite(body, `ledger ${kind}`);
  assert.doesNotMatch(await engine.metrics(), /NaN|Infinity/);
}

const replicas = ({ capacity }: Run) => (capacity().replicas as { count: number }).count;

test("no bad sample crashes the loop, releases capacity, or leaves a number that is none", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tick, { minLength: 1, maxLength: 8 }), async (ticks) => {
      const run = await feedbackEngine();
      run.remember(HISTORY);
      for (let i = 0; i < 3; i++) await run.measure({ demand: LIFE[3 * DAY + i] });
      for (const { demand, vectors } of ticks) {
        const before = replicas(run);
        await run.measure({ demand, vectors: sent(vectors) });
        const sound = demand > 0 && demand < 1e6;
        if (!sound) assert.ok(replicas(run) >= before, `${replicas(run)} of ${before} after ${demand}`);
      }
      await assertSound(run);
    }),
    { numRuns: 8 },
  );
});

test("a constant series and one of a single point give forecasts, no alert and no number that is none", async () => {
  for (const values of [new Array(3 * DAY).fill(42), [42], []]) {
    const run = await feedbackEngine();
    run.remember(values);
    for (let i = 0; i < 4; i++) await run.measure({ demand: 42 });
    await assertSound(run);
    assert.equal(run.alerts.length, 0, JSON.stringify(run.alerts));
  }
});

test("a clock that jumps back and forth makes no tick twice and none that releases", async () => {
  const run = await feedbackEngine();
  run.remember(HISTORY);
  for (let i = 0; i < 3; i++) await run.measure({ demand: LIFE[3 * DAY + i] });
  const before = replicas(run);
  const ticks = run.control.entries.filter(({ kind }) => kind === "tick").length;
  await run.engine.loop.tick();
  await run.engine.loop.tick();
  assert.equal(run.control.entries.filter(({ kind }) => kind === "tick").length, ticks);
  // Hours without a sample, all at once.
  run.remember(new Array(5 * 60).fill(Number.NaN));
  await run.measure({ demand: Number.NaN });
  assert.ok(replicas(run) >= before);
  await assertSound(run);
});
