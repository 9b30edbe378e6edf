import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceGroupOf } from "./scale-set-id.ts";

const idOf = (name: string) =>
  `/subscriptions/0000/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;

test("a scale set's identifier tells its resource group", () => {
  assert.equal(resourceGroupOf(idOf("web")), "shop");
});

test("what is no such identifier, and what a cluster sizes, is refused", () => {
  assert.throws(() => resourceGroupOf("web"), /expected \/subscriptions\/ID\/.*found web/);
  assert.throws(() => resourceGroupOf(idOf("aks-pool1-123-vmss")), /aks-pool1-123-vmss is not scaled here: .*AKS/);
});
