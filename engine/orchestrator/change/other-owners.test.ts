import assert from "node:assert/strict";
import { it } from "node:test";
import type { PropertyChange } from "../../../model/changeset.ts";
import { otherOwners } from "./other-owners.ts";

const GROUP = "aws:autoscaling/group:Group";

function judged(inputs: Record<string, unknown>, type = GROUP, touched = true): string[] {
  const urn = "urn:pulumi:dev::p::t::web";
  const change: PropertyChange = { urn, type, resource: "web", operation: "update", property: "minSize" };
  return otherOwners({
    changes: touched ? [change] : [],
    resources: [{ urn, type, name: "web", inputs, outputs: {} }],
  });
}

it("names the autoscaler that marks a group as its own, in either form of tags", () => {
  const list = judged({ tags: [{ key: "k8s.io/cluster-autoscaler/enabled", value: "true" }] });
  assert.match(
    list[0],
    /^web \(aws:autoscaling\/group:Group\) is not scaled here: its tag .* the Kubernetes cluster-autoscaler sizes it; take/,
  );
  assert.match(judged({ tags: { "karpenter.sh/nodepool": "default" } })[0], /Karpenter/);
  assert.match(judged({ tags: { "eks:nodegroup-name": "a" } })[0], /an EKS node group/);
});

it("refuses groups of unlike machines, and pools that a cluster sizes", () => {
  const override = { instanceType: "m7i.large", weightedCapacity: "2" };
  assert.match(judged({ mixedInstancesPolicy: { launchTemplate: { overrides: [override] } } })[0], /are weighted/);
  assert.match(judged({ mixedInstancesPolicy: { launchTemplate: {} } })[0], /mixes types/);
  assert.match(judged({}, "gcp:container/nodePool:NodePool")[0], /sized by the cluster/);
});

it("says nothing of a plain group, nor of what a change does not touch", () => {
  assert.deepEqual(judged({ tags: [{ key: "workload", value: "web" }] }), []);
  assert.deepEqual(judged({ tags: { "karpenter.sh/nodepool": "default" } }, GROUP, false), []);
});
