import assert from "node:assert/strict";
import { test } from "node:test";
import type { PropertyChange } from "../../../model/changeset.ts";
import { resourcesDigest } from "./binding.ts";

const digestOf = (type: string, inputs: Record<string, unknown>, owns: "floor" | "desired") =>
  resourcesDigest(
    {
      changes: [{ urn: "urn:web" } as PropertyChange],
      present: [{ urn: "urn:web", type, name: "web", inputs, outputs: {} }],
    },
    owns,
  );

test("what the native autoscaler moves is not bound to, where the count is its own; everything else is", () => {
  const counted: [string, (count: number) => Record<string, unknown>][] = [
    ["azure-native:compute:VirtualMachineScaleSet", (capacity) => ({ sku: { name: "Standard_D2s_v5", capacity } })],
    ["aws:autoscaling/group:Group", (desiredCapacity) => ({ minSize: 2, desiredCapacity })],
    ["aws:ecs/service:Service", (desiredCount) => ({ taskDefinition: "web:1", desiredCount })],
    [
      "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
      (targetSize) => ({ name: "web", targetSize }),
    ],
  ];
  for (const [type, inputs] of counted) {
    assert.equal(digestOf(type, inputs(2), "floor"), digestOf(type, inputs(7), "floor"), type);
    assert.notEqual(digestOf(type, inputs(2), "desired"), digestOf(type, inputs(7), "desired"), type);
    assert.notEqual(digestOf(type, inputs(2), "floor"), digestOf(type, { ...inputs(2), zones: ["b"] }, "floor"), type);
  }
  assert.notEqual(digestOf("x:y:Pool", { sku: { capacity: 2 } }, "floor"), digestOf("x:y:Pool", {}, "floor"));
});
