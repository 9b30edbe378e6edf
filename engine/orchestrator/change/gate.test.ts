import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BoundResources } from "../../../model/bound-resources.ts";
import type { Capacity } from "../../../model/capacity.ts";
import type { Changeset, PropertyChange } from "../../../model/changeset.ts";
import { parseConstraints } from "../../../model/constraints.ts";
import type { Pin } from "./control-store.port.ts";
import { gate } from "./gate.ts";

const capacity = (count: number): Capacity => ({
  owns: "desired",
  replicas: { count },
  plan: [],
  perReplica: {},
  storage: {},
  network: {},
});
const changeset = {
  id: "c1",
  workload: "web",
  mode: "auto",
  before: capacity(2),
  after: capacity(4),
} as unknown as Changeset;

function change(resource: string, property = "count"): PropertyChange {
  const type = "local:index:WorkerPool";
  return {
    urn: `urn:pulumi:dev::p::${type}::${resource}`,
    type,
    resource,
    operation: "update",
    property,
    before: 2,
    after: 4,
  };
}

const judgeBounds = (after: Capacity, now = 0, pins: readonly Pin[] = []) =>
  gate({
    changeset: { ...changeset, before: after, after },
    constraints: parseConstraints("version: 1\navailability: { replicas: { min: 2, max: 10 } }\n", "web.yaml"),
    changes: [],
    bound: { own: [], others: [] },
    policyViolations: [],
    reversibility: "exact",
    freezes: [],
    pins,
    now,
  });

const judge = (changes: PropertyChange[], bound: BoundResources) =>
  gate({
    changeset,
    constraints: parseConstraints("version: 1\n", "web.yaml"),
    changes,
    bound,
    policyViolations: [],
    reversibility: "exact",
    freezes: [],
    pins: [],
    now: 0,
  });

test("a change of one workload's capacity that touches another's resource is refused, and each is named once", () => {
  const bound = { own: ["web", "web-*"], others: [] };
  assert.deepEqual(judge([change("web"), change("web-volume")], bound), { verdict: "approved" });
  assert.deepEqual(judge([change("web"), change("api"), change("api", "port")], bound), {
    verdict: "refused",
    reasons: ["api (local:index:WorkerPool) is not of web, and would change with its capacity"],
  });
});

test("a workload that lists no resources may still not touch those that another lists", () => {
  const bound = { own: [], others: ["api*"] };
  assert.equal(judge([change("web"), change("anything")], bound).verdict, "approved");
  assert.equal(judge([change("web"), change("api-2")], bound).verdict, "refused");
});

test("each figure that a person does not allow is refused by name, in force or not", () => {
  const after: Capacity = {
    ...capacity(2),
    owns: "floor",
    replicas: { floor: 1, ceiling: 11 },
    plan: [
      { at: 3600, floor: 12 },
      { at: 7200, floor: 4 },
      { at: 10_800, floor: 0 },
    ],
  };
  assert.deepEqual(judgeBounds(after, 8000), {
    verdict: "refused",
    reasons: [
      "replicas: expected 2 to 10, found 1 as the floor",
      "replicas: expected 2 to 10, found 11 as the ceiling",
      "replicas: expected 2 to 10, found 12 as the plan's step at 1970-01-01T01:00Z",
      "replicas: expected 2 to 10, found 0 as the plan's step at 1970-01-01T03:00Z",
    ],
  });
});

test("a capacity goes on exactly where floor, every step of the plan and ceiling lie inside constraints and pins", () => {
  const count = fc.integer({ min: 0, max: 14 });
  const pin = fc.record({ min: fc.option(count, { nil: undefined }), max: fc.option(count, { nil: undefined }) });
  const steps = fc.uniqueArray(fc.record({ at: fc.integer({ min: -5000, max: 5000 }), floor: count }), {
    selector: ({ at }) => at,
    maxLength: 4,
  });
  let approvals = 0;
  fc.assert(
    fc.property(
      count,
      count,
      steps,
      fc.array(pin, { maxLength: 2 }),
      fc.boolean(),
      (floor, more, plan, held, floors) => {
        const after: Capacity = {
          ...capacity(floor),
          ...(floors && { owns: "floor", replicas: { floor, ceiling: floor + more } }),
          plan: plan.sort((a, b) => a.at - b.at),
        };
        const pins = held.map((one): Pin => ({ workload: "web", until: 60, by: "a person", ...one }));
        const figures = [...Object.values(after.replicas), ...plan.map((step) => step.floor)];
        const most = held.reduce((top, { max }) => Math.min(top, max ?? top), 10);
        const allowed = (figure: number) =>
          figure >= 2 &&
          held.every(({ min }) => figure >= (min ?? 0)) &&
          figure <= Math.max(most, ...held.map(({ min }) => min ?? 0));
        const approved = judgeBounds(after, 0, pins).verdict === "approved";
        assert.equal(approved, figures.every(allowed));
        if (approved) approvals++;
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(approvals > 0, "the cases never reach an approval");
});
