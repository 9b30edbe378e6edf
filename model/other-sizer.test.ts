import assert from "node:assert/strict";
import { test } from "node:test";
import { sizerByName, sizerByTags } from "./other-sizer.ts";

test("a group's tags tell who else sizes it", () => {
  assert.match(sizerByTags(["team", "karpenter.sh/nodepool"])!, /karpenter\.sh\/nodepool says that Karpenter/);
  assert.match(sizerByTags(["k8s.io/cluster-autoscaler/enabled"])!, /the Kubernetes cluster-autoscaler/);
  assert.match(sizerByTags(["eks:nodegroup-name"])!, /an EKS node group/);
  assert.equal(sizerByTags(["team", "k8s.io/other"]), undefined);
});

test("so do names that only a managed Kubernetes gives", () => {
  assert.match(sizerByName("gke-prod-pool-1-3f2a-grp")!, /a GKE node pool/);
  assert.match(sizerByName("aks-nodepool1-12345678-vmss")!, /an AKS node pool/);
  for (const name of ["web", "gke-grp", "aks", "vmss-aks-web"]) assert.equal(sizerByName(name), undefined);
});
