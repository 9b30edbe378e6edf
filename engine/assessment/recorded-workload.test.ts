import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkloadHistory } from "../usage/history/usage-history.port.ts";
import { coarser, ofHistory } from "./recorded-workload.ts";

const FOUND = { kind: "pods", labels: { pod: "web-*" } };

function history(cpu: (tick: number) => number, more: Partial<WorkloadHistory> = {}): WorkloadHistory {
  const ticks = 864;
  const values = Float64Array.from({ length: ticks }, (_, tick) => cpu(tick));
  return {
    workload: "web",
    window: { from: 0, to: ticks * 300, step: 300 },
    usage: new Map([["cpu", values]]),
    demand: new Map([["cpu", values]]),
    throttled: new Uint8Array(ticks).fill(1, 400, 443),
    replicas: Float64Array.from(values, (value) => (Number.isNaN(value) ? Number.NaN : 2)),
    interval: 30,
    ...more,
  };
}

test("a past goes from its first tick to its last, and what is missing is said", () => {
  const recorded = ofHistory(
    history((tick) => (tick < 288 || tick >= 720 ? Number.NaN : 1)),
    FOUND,
    [],
  )!;
  assert.deepEqual([recorded.trace.startsAt, recorded.trace.ticks, recorded.replicas?.length], [288 * 300, 432, 432]);
  assert.deepEqual(recorded.notes, [
    "begins 1.0 days after the window that was asked for",
    "ended 0.5 days before the end of the window",
  ]);
  assert.ok(Math.abs(recorded.throttled - 43 / 432) < 1e-9);
});

test("a gap inside stays; nothing at all is no past; rare samples are told", () => {
  assert.ok(
    Number.isNaN(
      ofHistory(
        history((tick) => (tick === 5 ? Number.NaN : 1)),
        FOUND,
        [],
      )!.trace.series.get("cpu")![5],
    ),
  );
  assert.equal(
    ofHistory(
      history(() => Number.NaN),
      FOUND,
      [],
    ),
    undefined,
  );
  assert.match(
    ofHistory(
      history(() => 1, { interval: 300 }),
      FOUND,
      [],
    )!.notes[0],
    /every 300 s only: values are means over 750 s/,
  );
});

test("longer steps are means of what was measured, where that is half at least", () => {
  const values = Float64Array.from([1, 3, Number.NaN, 5, Number.NaN, Number.NaN, 7, 9, 1]);
  const trace = { startsAt: 0, step: 60, ticks: 9, series: new Map([["cpu", values]] as const) };
  assert.deepEqual([...coarser(trace, 120).series.get("cpu")!], [2, 5, Number.NaN, 8]);
  assert.deepEqual([...coarser(trace, 180).series.get("cpu")!], [2, Number.NaN, 17 / 3]);
  assert.equal(coarser(trace, 90), trace);
  assert.equal(coarser(trace, 60), trace);
});
