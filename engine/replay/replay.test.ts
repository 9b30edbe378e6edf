import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Capacity } from "../../model/capacity.ts";
import { parseConstraints } from "../../model/constraints.ts";
import type { ForecasterFactory } from "../forecast/forecast.port.ts";
import { NATIVE_RULES, type NativeRule, type ReplayLine, type ReplayOptions, replay } from "./replay.ts";
import type { ReplaySummary } from "./score.ts";
import { parseTrace } from "./trace.ts";

const constraints = (text = "") =>
  parseConstraints(`version: 1\nperformance: { utilisation: { cpu: 100% } }\n${text}`, "test.yaml");

function traceOf(values: readonly (number | string)[]) {
  return parseTrace(`timestamp,cpu\n${values.map((value, i) => `${i * 60},${value}`).join("\n")}\n`, "test.csv");
}

function desired(count: number): Capacity {
  return { owns: "desired", replicas: { count }, plan: [], perReplica: { cpu: 1 }, storage: {}, network: {} };
}

function run(options: Partial<ReplayOptions> & Pick<ReplayOptions, "trace">): {
  lines: ReplayLine[];
  summary: ReplaySummary;
} {
  const lines: ReplayLine[] = [];
  const steps = replay({ capacity: desired(1), constraints: constraints(), startDelay: 120, from: 0, ...options });
  for (;;) {
    const { done, value } = steps.next();
    if (done) return { lines, summary: value };
    lines.push(value);
  }
}

/** A forecaster that knows the trace: what comes, at every level. */
function clairvoyant(values: readonly number[], trusted = true): ForecasterFactory {
  return ({ series, step, levels, horizons, startsAt }) => {
    let ticks = 0;
    const seen: number[] = [];
    return {
      reweigh: () => {},
      update: (value) => {
        seen.push(value);
        ticks++;
      },
      get ticks() {
        return ticks;
      },
      forecast: () => {
        assert.deepEqual(seen, values.slice(0, ticks), "a forecaster sees each tick once and none ahead of time");
        const point = Float64Array.from(horizons, (h) => values[Math.min(values.length - 1, ticks - 1 + h)]);
        const evidence = { trusted, reason: "", samples: 1, skill: 1, coverage: {}, historyDays: 1 };
        const issuedAt = startsAt + ticks * step;
        return {
          series,
          issuedAt,
          step,
          levels,
          horizons,
          point,
          values: levels.map(() => point),
          model: "known",
          evidence,
        };
      },
      snapshot: () => assert.fail(),
      restore: () => assert.fail(),
    };
  };
}

test("what is asked for at the end of a tick serves one start delay after it", () => {
  const { lines } = run({ trace: traceOf([1, 1, 5, 5, 5, 5, 5]) });
  assert.deepEqual(
    lines.map(({ need }) => need),
    [1, 1, 5, 5, 5, 5, 5],
  );
  assert.deepEqual(
    lines.map(({ target }) => target),
    [1, 1, 5, 5, 5, 5, 5],
  );
  assert.deepEqual(
    lines.map(({ pending }) => pending),
    [0, 0, 0, 4, 4, 0, 0],
  );
  assert.deepEqual(
    lines.map(({ ready }) => ready),
    [1, 1, 1, 1, 1, 5, 5],
  );
});

test("a start delay that is no whole number of ticks counts as the next", () => {
  const { lines } = run({ trace: traceOf([1, 1, 5, 5, 5, 5, 5]), startDelay: 90 });
  assert.deepEqual(
    lines.map(({ ready }) => ready),
    [1, 1, 1, 1, 1, 5, 5],
  );
});

test("the summary counts violations, replica-ticks from launch and changes", () => {
  const { summary } = run({ trace: traceOf([1, 1, 5, 5, 5, 5, 5]) });
  assert.deepEqual(summary, {
    ticks: 7,
    violationTicks: 3,
    unservedShare: 12 / 27,
    cost: 3 + 5 * 4,
    minimumCost: 7 + 4 * (5 + 2),
    actions: 1,
  });
});

test("one who knows what comes violates nothing", () => {
  const values = Array.from({ length: 200 }, (_, i) => 10 + 8 * Math.sin(i / 15));
  const { summary } = run({ trace: traceOf(values), forecaster: clairvoyant(values), capacity: desired(12) });
  assert.equal(summary.violationTicks, 0);
  assert.ok(summary.cost < 1.35 * summary.minimumCost, `${summary.cost / summary.minimumCost}`);
});

test("a forecast that has not proved itself changes nothing", () => {
  const values = Array.from({ length: 60 }, (_, i) => 5 + (i % 20));
  const without = run({ trace: traceOf(values) });
  const distrusted = run({ trace: traceOf(values), forecaster: clairvoyant(values, false) });
  assert.deepEqual(distrusted.summary, without.summary);
});

test("what lies before the beginning is history: it is learnt from and not scored", () => {
  const values = [9, 9, 9, 1, 1, 1, 1];
  const { lines, summary } = run({ trace: traceOf(values), forecaster: clairvoyant(values), from: 180 });
  assert.deepEqual(
    lines.map(({ timestamp }) => timestamp),
    [180, 240, 300, 360],
  );
  assert.deepEqual([summary.ticks, summary.violationTicks], [4, 0]);
});

test("in a gap nothing is violated and nothing is released", () => {
  const { lines, summary } = run({ trace: traceOf([9, 9, "", "", ...Array(30).fill(""), 1]), capacity: desired(9) });
  assert.deepEqual([lines[5].need, lines[5].demand.cpu, lines[5].target], [null, null, 9]);
  assert.equal(summary.violationTicks, 0);
});

test("the least number of replicas is kept and counts into the minimum", () => {
  const { lines, summary } = run({
    trace: traceOf(Array(40).fill(1)),
    capacity: desired(5),
    constraints: constraints("availability: { replicas: { min: 3 } }"),
  });
  assert.ok(lines.every(({ target }) => target >= 3));
  assert.equal(summary.minimumCost, 120);
});

test("a run twice is the same twice", () => {
  const values = Array.from({ length: 300 }, (_, i) => 10 + ((i * 7919) % 13));
  const once = () => JSON.stringify(run({ trace: traceOf(values), forecaster: clairvoyant(values) }));
  assert.equal(once(), once());
});

test("floors act on the native autoscaler, which reacts between floor and ceiling", () => {
  const values = Array.from({ length: 240 }, (_, i) => (i < 120 ? 2 : 20));
  const capacity: Capacity = { ...desired(0), owns: "floor", replicas: { floor: 2, ceiling: 30 } };
  const blind = run({ trace: traceOf(values), capacity });
  const planned = run({ trace: traceOf(values), capacity, forecaster: clairvoyant(values) });
  assert.ok(blind.summary.violationTicks > 0);
  assert.equal(planned.summary.violationTicks, 0);
  assert.ok(planned.summary.actions <= 4);
  assert.ok(planned.lines.every(({ target }) => target <= 30));
});

test("the ceiling holds the native autoscaler, whatever its rule", () => {
  const capacity: Capacity = { ...desired(0), owns: "floor", replicas: { floor: 2, ceiling: 10 } };
  for (const nativeRule of NATIVE_RULES) {
    const { lines } = run({ trace: traceOf(Array(60).fill(50)), capacity, nativeRule });
    assert.ok(lines.every(({ target }) => target <= 10));
    assert.equal(lines.at(-1)!.target, 10);
  }
});

test("a native autoscaler goes back after fifteen minutes of a cloud's rule, and after five of Kubernetes'", () => {
  const capacity: Capacity = { ...desired(0), owns: "floor", replicas: { floor: 2, ceiling: 30 } };
  const trace = traceOf([...Array(20).fill(14), ...Array(30).fill(7), Number.NaN]);
  const backAt = (nativeRule: NativeRule) =>
    run({ trace, capacity, nativeRule }).lines.findIndex(({ target }, tick) => tick >= 20 && target === 10) - 20;
  assert.deepEqual([backAt("target-tracking"), backAt("hpa")], [14, 4]);
});

test("a beginning outside the trace and a capacity without a figure are named", () => {
  const trace = traceOf([1, 2, 3]);
  const says = (options: Partial<ReplayOptions>, message: RegExp) =>
    assert.throws(() => run({ trace, ...options }), { name: "InputError", message });
  says({ from: 1000 }, /--from: expected an instant from 1970-01-01T00:00Z to 1970-01-01T00:02Z/);
  says({ capacity: { ...desired(1), perReplica: {} } }, /a figure for a series of the trace \(cpu\)/);
  says({ constraints: constraints("scales: { cpu: none }") }, /scales out/);
});

test("whatever the demand, nothing but whole numbers is asked for, within bounds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom("", "0", "1e300")), {
        minLength: 2,
        maxLength: 60,
      }),
      (values) => {
        const { lines } = run({
          trace: traceOf(values),
          constraints: constraints("availability: { replicas: { max: 50 } }"),
        });
        for (const { target } of lines) assert.ok(Number.isInteger(target) && target >= 1 && target <= 50);
      },
    ),
  );
});

test("steps and start delays that nothing can be forecast with are told as wrong input", () => {
  const options = { trace: traceOf([1, 2, 3]), forecaster: clairvoyant([1, 2, 3]) };
  assert.throws(() => run({ ...options, season: 90 }), {
    name: "InputError",
    message: /timestamp: expected steps that divide/,
  });
  assert.throws(() => run({ ...options, startDelay: 30 * 86_400 }), { name: "InputError", message: /^--start-delay/ });
  assert.equal(
    run({ trace: options.trace, season: 90, startDelay: 30 * 86_400 }).summary.ticks,
    3,
    "without forecasts any",
  );
});

test("absurd demand leaves the summary's numbers finite", () => {
  const { summary } = run({ trace: traceOf([1, 1e308, 1e308, 3]) });
  for (const [name, value] of Object.entries(summary)) assert.ok(Number.isFinite(value), name);
  assert.equal(summary.unservedShare, 0.5, "of what can have been demand");
});
