import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context, ResourceRules } from "../resource-rules.port.ts";
import { emptyWorld, type Properties, type WorldRules } from "../world.ts";
import { managedDisk } from "./managed-disk.ts";
import { scaleSet } from "./scale-set.ts";
import { vcpus } from "./vm-sizes.ts";

const HOUR = 3600;

/** A resource of a type in a world of its own. */
function made(rules: ResourceRules, inputs: Properties, world: Partial<WorldRules> = {}) {
  const context = (now: number): Context => ({ world: simulated, now, type: "" });
  const simulated = emptyWorld("azure", 0, world);
  const { id, outputs } = rules.create(context(0), inputs, "web");
  simulated.resources[id] = { type: "", inputs, outputs, modified: [] };
  return {
    id,
    world: simulated,
    update(now: number, more: Properties) {
      const { inputs: olds } = simulated.resources[id];
      const next = { ...olds, ...more };
      const result = rules.update!(context(now), id, simulated.resources[id], next);
      simulated.resources[id] = { ...simulated.resources[id], inputs: next, outputs: result };
    },
  };
}

const DISK = { resourceGroupName: "web", diskSizeGB: 100, sku: { name: "PremiumV2_LRS" }, zones: ["1"] };

test("a disk's performance changes four times in a day, its creation included", () => {
  const disk = made(managedDisk, DISK);
  for (const [i, iops] of [4000, 5000, 6000].entries()) disk.update((i + 1) * HOUR, { diskIOPSReadWrite: iops });
  assert.throws(() => disk.update(4 * HOUR, { diskIOPSReadWrite: 7000 }), /OperationNotAllowed.*Wait 1200 minutes/);
  disk.update(4 * HOUR, { diskSizeGB: 200 });
  disk.update(24 * HOUR, { diskIOPSReadWrite: 7000 });
});

test("a disk grows and does not shrink", () => {
  const disk = made(managedDisk, DISK);
  assert.throws(
    () => disk.update(HOUR, { diskSizeGB: 99 }),
    /can only be resized to a larger size: 100 GB, found 99 GB/,
  );
});

test("a disk has no more than its kind allows", () => {
  const reasons = (more: Properties) => managedDisk.check!({ ...DISK, ...more }).map(({ property }) => property);
  assert.deepEqual(reasons({}), []);
  assert.deepEqual(reasons({ diskSizeGB: 4, diskIOPSReadWrite: 4000 }), ["diskIOPSReadWrite"]);
  assert.deepEqual(reasons({ diskMBpsReadWrite: 800 }), ["diskMBpsReadWrite"]);
  assert.deepEqual(reasons({ zones: [] }), ["zones"]);
  assert.deepEqual(reasons({ sku: { name: "Premium_LRS" } }), ["sku"]);
});

const SET = {
  resourceGroupName: "web",
  sku: { name: "Standard_D2s_v5", capacity: 3 },
  upgradePolicy: { mode: "Rolling" },
  virtualMachineProfile: { networkProfile: { healthProbe: { id: "probe" } } },
};

test("a scale set needs its count beside its size, a probe to roll, and no more cores than the quota", () => {
  const set = made(scaleSet, SET, { coreQuota: 8 });
  assert.match(set.id, /^\/subscriptions\/simulated\//);
  const { sku } = SET;
  assert.throws(() => set.update(1, { sku: { name: sku.name } }), /'sku\.capacity' is missing/);
  assert.throws(() => set.update(1, { virtualMachineProfile: {} }), /health probe/);
  assert.throws(
    () => set.update(1, { sku: { ...sku, capacity: 5 } }),
    /OperationNotAllowed.*Cores quota.*Current Limit: 8, Current Usage: 6, \(Minimum\) New Limit Required: 10/,
  );
  set.update(1, { sku: { name: "Standard_D1_v2", capacity: 4 } });
  const group = set.world.groups[set.id];
  assert.deepEqual([group.version, group.cores, group.desired, group.replacing], ["2", 1, 4, true]);
});

test("a size's name tells its vCPUs", () => {
  assert.deepEqual(
    ["Standard_D4s_v5", "Standard_B2ms", "Standard_E96ads_v5", "Standard_M416-208s_v2"].map(vcpus),
    [4, 2, 96, 416],
  );
  assert.throws(() => vcpus("m7i.large"), /InvalidParameter/);
});
