import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Capacity, replicasAt } from "../../../model/capacity.ts";
import type { Changeset } from "../../../model/changeset.ts";
import { parseConstraints } from "../../../model/constraints.ts";
import type { Envelope } from "../../../model/envelope.ts";
import { gate } from "./gate.ts";

const HOUR = 3600;
const PATH = "capacity/dev.envelope.yaml";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

interface Case {
  readonly now: number;
  readonly until: number;
  /** By hour of the day: a range, or nothing. */
  readonly ranges: readonly (readonly [number, number] | undefined)[];
  readonly base: number;
  readonly steps: readonly { readonly after: number; readonly floor: number }[];
}

const floor = fc.integer({ min: 0, max: 12 });
const cases: fc.Arbitrary<Case> = fc.record({
  now: fc.integer({ min: 1_700_000_000, max: 1_700_500_000 }),
  until: fc.integer({ min: 1_699_990_000, max: 1_700_700_000 }),
  ranges: fc.array(
    fc.option(
      fc.tuple(floor, floor).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
      { nil: undefined, freq: 12 },
    ),
    { minLength: 24, maxLength: 24 },
  ),
  base: floor,
  steps: fc.uniqueArray(fc.record({ after: fc.integer({ min: 1, max: 30 * HOUR }), floor }), {
    selector: ({ after }) => after,
    maxLength: 6,
  }),
});

const before: Capacity = {
  owns: "floor",
  replicas: { floor: 3, ceiling: 100 },
  plan: [],
  perReplica: { cpu: 1 },
  storage: { size: 1000 },
  network: {},
};

function envelopeOf({ until, ranges }: Case): Envelope {
  const hours = ranges.flatMap((range, from) =>
    range === undefined ? [] : [{ from, to: from + 1, least: range[0], greatest: range[1] }],
  );
  return { until, hours };
}

function afterOf({ now, base, steps }: Case): Capacity {
  const plan = [...steps]
    .sort((a, b) => a.after - b.after)
    .map((step) => ({ at: now + step.after, floor: step.floor }));
  return { ...before, replicas: { floor: base, ceiling: 100 }, plan };
}

function judge(after: Capacity, now: number, envelope: Envelope | undefined) {
  return gate({
    changeset: { id: "c1", workload: "web", mode: "review", before, after } as unknown as Changeset,
    constraints: parseConstraints("version: 1\navailability: { replicas: { min: 0, max: 101 } }\n", "web.yaml"),
    changes: [],
    bound: { own: [], others: [] },
    policyViolations: [],
    reversibility: "exact",
    freezes: [],
    pins: [],
    envelope: { path: PATH, commit: COMMIT, envelope },
    now,
  });
}

/** Second by second at all edges, by the words of the documentation and nothing of the implementation. */
function covered({ now, until, ranges }: Case, after: Capacity): boolean {
  const last = after.plan.length === 0 ? now : after.plan[after.plan.length - 1].at;
  if (until <= now || last > until) return false;
  const inside = (at: number) => {
    const range = ranges[Math.floor(at / HOUR) % 24];
    const asked = replicasAt(after, at);
    return range !== undefined && asked >= range[0] && asked <= range[1];
  };
  const edges = [now, ...after.plan.map(({ at }) => at)];
  for (let hour = Math.ceil(now / HOUR) * HOUR; hour <= last; hour += HOUR) edges.push(hour);
  const end = replicasAt(after, last);
  const atTheEnd =
    last - now >= 12 * HOUR ? ranges.some((one) => one !== undefined && end >= one[0] && end <= one[1]) : inside(last);
  return atTheEnd && edges.every((at) => at === last || inside(at));
}

test("in review mode what lies inside an envelope is approved, and nothing else is", () => {
  let approvals = 0;
  fc.assert(
    fc.property(cases, (one) => {
      const after = afterOf(one);
      const approved = judge(after, one.now, envelopeOf(one)).verdict === "approved";
      assert.equal(approved, covered(one, after));
      if (approved) approvals++;
    }),
    { numRuns: 2000 },
  );
  assert.ok(approvals > 0, "the cases never reach an approval");
});

test("floors drawn from the ranges of their hours are approved", () => {
  const inside = cases.chain((one) => {
    const ranges = one.ranges.map((range) => range ?? ([1, 2] as const));
    // One floor for each hour ahead, from that hour's range.
    const first = Math.floor(one.now / HOUR);
    const draws = Array.from({ length: 30 }, (_, i) => {
      const [least, greatest] = ranges[(first + i) % 24];
      return fc.integer({ min: least, max: greatest });
    });
    return fc.tuple(...draws).map((floors) => ({
      ...one,
      ranges,
      until: one.now + 31 * HOUR,
      base: floors[0],
      steps: floors.slice(1).map((step, i) => ({ after: (first + i + 1) * HOUR - one.now, floor: step })),
    }));
  });
  fc.assert(
    fc.property(inside, (one) => {
      const verdict = judge(afterOf(one), one.now, envelopeOf(one));
      assert.equal(verdict.verdict, "approved");
      assert.ok(verdict.verdict === "approved" && verdict.envelope?.commit === COMMIT);
    }),
  );
});

test("whatever moves besides floors and plan asks, inside an envelope or not", () => {
  const moves: ((capacity: Capacity) => Capacity)[] = [
    (capacity) => ({ ...capacity, perReplica: { cpu: 2 } }),
    (capacity) => ({ ...capacity, perReplica: { ...capacity.perReplica, instance: "m7i.large" } }),
    (capacity) => ({ ...capacity, storage: { size: 2000 } }),
    (capacity) => ({ ...capacity, storage: { ...capacity.storage, iops: 4000 } }),
    (capacity) => ({ ...capacity, network: { bandwidth: 1e9 } }),
    (capacity) => ({ ...capacity, replicas: { floor: 3, ceiling: 101 } }),
    (capacity) => ({ ...capacity, owns: "desired", replicas: { count: 3 } }),
  ];
  const envelope = { until: 2e9, hours: [{ from: 0, to: 24, least: 0, greatest: 12 }] };
  fc.assert(
    fc.property(cases, fc.constantFrom(...moves), (one, move) => {
      const after = afterOf(one);
      assert.equal(judge(after, one.now, envelope).verdict, "approved");
      assert.equal(judge(move(after), one.now, envelope).verdict, "approval-required");
    }),
  );
});

test("an envelope widens no bound: a ceiling above the most that is allowed is refused, whatever the envelope says", () => {
  const envelope = { until: 2e9, hours: [{ from: 0, to: 24, least: 0, greatest: 12 }] };
  fc.assert(
    fc.property(cases, fc.integer({ min: 102, max: 1000 }), (one, ceiling) => {
      const after = afterOf(one);
      const wider = { ...after, replicas: { ...after.replicas, ceiling } } as Capacity;
      assert.equal(judge(wider, one.now, envelope).verdict, "refused");
    }),
  );
});

test("the reason names the hour and the numbers; a missing envelope and one that ended approve nothing", () => {
  const now = Date.UTC(2026, 10, 24, 7, 30) / 1000;
  const after = { ...before, plan: [{ at: now + HOUR, floor: 14 }] };
  const hours = [{ from: 7, to: 20, least: 2, greatest: 12 }];
  assert.deepEqual(judge(after, now, { until: now + 10 * HOUR, hours }), {
    verdict: "approval-required",
    reasons: ["mode: review", `outside ${PATH}: 14 from 2026-11-24T08:30Z, where 2 to 12 is approved`],
  });
  assert.deepEqual(judge(before, now, { until: now, hours }), {
    verdict: "approval-required",
    reasons: ["mode: review", `outside ${PATH}: the envelope ended at 2026-11-24T07:30Z`],
  });
  assert.deepEqual(judge(before, now, undefined), {
    verdict: "approval-required",
    reasons: ["mode: review", `${PATH} has no envelope of web`],
  });
});
