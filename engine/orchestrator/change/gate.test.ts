import assert from "node:assert/strict";
import { test } from "node:test";
import type { BoundResources } from "../../../model/bound-resources.ts";
import type { Capacity } from "../../../model/capacity.ts";
import type { Changeset, PropertyChange } from "../../../model/changeset.ts";
import { parseConstraints } from "../../../model/constraints.ts";
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
