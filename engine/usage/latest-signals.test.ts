import assert from "node:assert/strict";
import { test } from "node:test";
import type { UsageVector } from "../../model/vector.ts";
import { LatestSignals } from "./latest-signals.ts";

function vector(host: string, at: number, change: Partial<UsageVector> = {}): UsageVector {
  const nothing = { usage: {}, demand: {}, censored: [], missing: [], processes: [] };
  return { workload: "web", host, at, interval: 1, replicas: 0, ...nothing, ...change };
}

test("signals are summed and compared over hosts, the newest of each, and what is old counts for nothing", () => {
  const signals = new LatestSignals();
  signals.take([
    vector("a", 10, { signals: { latency: 0.2, concurrency: 5 } }),
    vector("a", 12, { signals: { latency: 0.4 } }),
    vector("a", 11, { signals: { latency: 9 } }),
    vector("b", 11, { signals: { latency: 0.1, concurrency: 7 } }),
    vector("c", 2, { signals: { latency: 8 } }),
  ]);
  const found = signals.of("web", 5);
  assert.deepEqual(found.get("latency"), { sum: 0.5, greatest: 0.4 });
  assert.deepEqual(found.get("concurrency"), { sum: 12, greatest: 7 });
  assert.equal(signals.of("other", 0).size, 0);
});

test("vectors of signals alone go no further: they are no sign that a host reports", () => {
  const signals = new LatestSignals();
  const alone = vector("app", 10, { signals: { latency: 0.2 } });
  const measured = vector("a", 10, { usage: { cpu: 1 }, replicas: 1, signals: { backlog: 3 } });
  const plain = vector("b", 10, { usage: { cpu: 1 }, replicas: 1 });
  assert.deepEqual(signals.take([alone, measured, plain]), [measured, plain]);
});
