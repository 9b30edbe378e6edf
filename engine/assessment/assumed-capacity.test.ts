import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeriesName } from "../../model/dimension.ts";
import type { ToldCapacity } from "../usage/history/usage-history.port.ts";
import { assumedCapacity } from "./assumed-capacity.ts";
import type { RecordedWorkload } from "./recorded-workload.ts";

const TICKS = 2000;

function recorded(
  demand: (tick: number) => number,
  more: { told?: ToldCapacity[]; replicas?: (tick: number) => number; series?: SeriesName } = {},
): RecordedWorkload {
  const by = (value: (tick: number) => number) => Float64Array.from({ length: TICKS }, (_, tick) => value(tick));
  return {
    name: "web",
    kind: "pods",
    trace: { startsAt: 0, step: 300, ticks: TICKS, series: new Map([[more.series ?? "cpu", by(demand)]]) },
    ...(more.replicas && { replicas: by(more.replicas) }),
    told: more.told ?? [],
    throttled: 0,
    notes: [],
  };
}

const cpu = (of: ToldCapacity["of"], value: number): ToldCapacity => ({ figure: "cpu", of, value });

test("what is recorded of limits and replicas is taken as it is", () => {
  const workload = recorded(() => 3, {
    told: [cpu("request", 1), cpu("limit", 2)],
    replicas: (tick) => (tick < 5 ? 4 : 6),
  });
  const { perReplica, today, guessed, basis } = assumedCapacity(workload, 0.7)!;
  assert.deepEqual([perReplica, today[0], today[9], guessed], [2, 4, 6, false]);
  assert.match(basis[0], /2 cores, its limit, as recorded/);
});

test("a request that replicas do not keep to is no capacity", () => {
  const kept = recorded(() => 3, { told: [cpu("request", 1)], replicas: () => 4 });
  assert.equal(assumedCapacity(kept, 0.7)!.perReplica, 1);
  const exceeded = recorded(() => 8, { told: [cpu("request", 1)], replicas: () => 4 });
  const { perReplica, basis } = assumedCapacity(exceeded, 0.5)!;
  assert.equal(perReplica, 4);
  assert.match(basis.join("; "), /request 1 cores and were seen to use 2 cores/);
});

test("without a limit a replica is what the fullest was seen to carry", () => {
  const { perReplica, guessed } = assumedCapacity(
    recorded((tick) => (tick === 7 ? 40 : 7), { replicas: () => 10 }),
    0.7,
  )!;
  assert.deepEqual([perReplica, guessed], [1, false]);
});

test("with neither it is split, and today's capacity is a guess that just fits", () => {
  const { perReplica, today, guessed, basis } = assumedCapacity(
    recorded((tick) => tick % 100, { replicas: () => 1 }),
    0.5,
  )!;
  assert.ok(Math.abs(perReplica - 19.8) < 1e-9, `${perReplica}`);
  assert.deepEqual([today[0], today.at(-1), guessed], [10, 10, true]);
  assert.match(basis.join("; "), /split into 10.*; today's capacity is taken as 10 of them/);
});

test("a tick in which nobody counted has what was there before", () => {
  const workload = recorded(() => 3, {
    told: [cpu("limit", 1)],
    replicas: (tick) => (tick === 0 || tick === 9 ? Number.NaN : 5),
  });
  const { today } = assumedCapacity(workload, 0.7)!;
  assert.deepEqual([today[0], today[9]], [5, 5]);
});

test("requests drive where there is no CPU; without either nothing does", () => {
  assert.equal(
    assumedCapacity(
      recorded(() => 100, { series: "requests" }),
      0.7,
    )!.series,
    "requests",
  );
  assert.equal(
    assumedCapacity(
      recorded(() => 100, { series: "memory" }),
      0.7,
    ),
    undefined,
  );
});
