import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "./decide.ts";
import { cpuDemand, forecastOf, inputOf } from "./decide-fixture.ts";

const LATE = { signal: "latency", value: 0.45, below: 0.3 };

test("a missed service level raises what is needed, by the share that it is missed by", () => {
  const { capacity, reasons } = decide(inputOf({ slo: LATE }));
  assert.deepEqual(capacity.replicas, { count: 15 });
  assert.match(reasons.find(({ kind }) => kind === "slo")?.text ?? "", /latency is 0\.45, above its limit of 0\.3/);
  assert.deepEqual(decide(inputOf({ slo: { ...LATE, value: 0.31 } })).capacity.replicas, { count: 11 });
});

test("a service level that is kept, or a signal that is no number, changes nothing", () => {
  for (const value of [0.3, 0.1, 0, Number.NaN, Number.POSITIVE_INFINITY, -1])
    assert.deepEqual(decide(inputOf({ slo: { ...LATE, value } })).capacity.replicas, { count: 10 });
});

test("while it is missed nothing of what serves is released, whatever the forecast", () => {
  const low = { demand: cpuDemand(3), forecasts: { cpu: forecastOf("cpu", 3) } };
  assert.ok((decide(inputOf(low)).capacity.replicas as { count: number }).count < 10);
  assert.deepEqual(decide(inputOf({ ...low, slo: LATE })).capacity.replicas, { count: 10 });
});

test("what still comes is not asked for twice, and no more is asked for than twice what demand needs", () => {
  const starting = { ready: 10, capacity: { ...inputOf().capacity, replicas: { count: 15 } } };
  const pending = [{ replicas: 5, since: inputOf().now - 60, kind: "out" as const }];
  const coming = decide(inputOf({ ...starting, pending, slo: LATE }));
  assert.deepEqual(coming.capacity.replicas, { count: 15 });
  const capped = decide(inputOf({ demand: cpuDemand(6), slo: LATE }));
  assert.deepEqual(capped.capacity.replicas, { count: 12 });
  assert.match(capped.reasons.map(({ text }) => text).join("\n"), /over 2 × what demand needs/);
});
