import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inService, type ScaledGroup } from "../../stacks/simulated/scaled-group.ts";
import { deploy, type Place } from "../clouds/place.ts";
import {
  assertDone,
  completesHalfWay,
  isUp,
  leavesHandAlone,
  refusesTooMany,
  takesMachinesBack,
  takesSpeedBackAndGrows,
  touched,
} from "../clouds/steps.ts";

const GROUP =
  "/subscriptions/simulated/resourceGroups/web-simulated/providers/Microsoft.Compute/virtualMachineScaleSets/web-simulated";
const UNCHANGED = /11 unchanged/;

/** The whole way on a simulated Azure: the real engine, the real SDK, a provider that keeps a world in a file. */
describe("a stack on a simulated Azure", { timeout: 900_000 }, () => {
  let place: Place;
  before(async () => {
    // A look of the autoscaler stands for a minute of its rules. Disks as documented.
    place = await deploy("azure", { bootDelay: 20, scalerPeriod: 10 });
  });
  after(() => place?.remove());

  it("is brought up by a plain pulumi up, and shows no change afterwards", async () => {
    await isUp(place, UNCHANGED);
  });

  it("carries a plan out, up and down, with the engine dead; steps that have passed are no drift", async () => {
    const steps = [600, 900].map((delay) => place.now() + delay);
    const done = await place.change((capacity) => ({
      ...capacity,
      plan: [
        { at: steps[0], floor: 5 },
        { at: steps[1], floor: 2 },
      ],
    }));
    assertDone(done);
    assert.equal(done.reversibility, "exact");
    assert.deepEqual([...new Set(done.changes!.map(({ resource }) => resource))], ["web-autoscaler"]);
    // No engine is open here: what happens now is the cloud's own doing.
    await place.until("five machines in service", 700, ({ groups, now }) => inService(groups[GROUP], now) === 5);
    await place.until("the floor back at two", 400, ({ groups }) => groups[GROUP].min === 2);
    await place.until("the native autoscaler's scale-in", 300, ({ groups }) => groups[GROUP].desired === 2);
    assert.match(await place.preview(), UNCHANGED, "the steps are in the file, in the program and in the cloud");
    const next = await place.change((capacity) => ({ ...capacity, replicas: { floor: 2, ceiling: 12 } }));
    assertDone(next);
    assert.deepEqual(
      touched(next),
      [0, 1, 2].map((profile) => `web-autoscaler profiles[${profile}].capacity.maximum`),
    );
    assertDone(await place.rollBack(next));
    assert.equal((await place.change((capacity) => ({ ...capacity, plan: [] }))).state, "done");
    assert.match(await place.preview(), UNCHANGED);
  });

  it("leaves the count to the autoscaler, also when it writes the size beside it", async () => {
    await place.world((world) => {
      world.load[GROUP] = [{ at: world.now, cpu: 7 }];
    });
    await place.until("six machines that the load calls for", 900, ({ groups }) => groups[GROUP].desired >= 5);
    assert.match(await place.preview(), UNCHANGED);
    const done = await place.change((capacity) => ({ ...capacity, perReplica: { instance: "Standard_D4s_v5" } }));
    assertDone(done);
    assert.deepEqual(touched(done), ["web sku.name"]);
    assert.equal(done.reversibility, "exact");
    await place.until("machines of the second model", 900, ({ groups, now }) => {
      const group = groups[GROUP];
      return group.instances.every(({ version }) => version === "2") && inService(group, now) === group.desired;
    });
    await takesMachinesBack(place, done, UNCHANGED, 900);
    const told = await place.world((world) => {
      world.load[GROUP] = [];
      return world.activities.map(({ text }) => text);
    });
    assert.ok(told.includes("profile web: at least 2, at most 10"));
    await place.until("the scale-in", 1800, ({ groups }) => groups[GROUP].desired === 2);
  });

  it("grows disks for good, and sets operations, throughput and bandwidth so that they can be taken back exactly", async () => {
    const faster = await place.change((capacity) => ({
      ...capacity,
      storage: { ...capacity.storage, iops: 6000, throughput: 500e6 },
      network: { bandwidth: 5e9 / 8 },
    }));
    assertDone(faster);
    assert.deepEqual(touched(faster).sort(), [
      "web virtualMachineProfile.networkProfile.networkInterfaceConfigurations[0].enableAcceleratedNetworking",
      "web-data-1 diskIOPSReadWrite",
      "web-data-1 diskMBpsReadWrite",
      "web-data-2 diskIOPSReadWrite",
      "web-data-2 diskMBpsReadWrite",
    ]);
    await takesSpeedBackAndGrows(place, faster, UNCHANGED);
  });

  it("refuses what the constraints do not allow, and fails what the size cannot have, before anything is changed", async () => {
    await refusesTooMany(place);
    const failed = await place.change((capacity) => ({ ...capacity, network: { bandwidth: 40e9 / 8 } }));
    assert.equal(failed.state, "failed");
    assert.match(failed.failure!.message, /expected at most 12500 Mbit\/s, which is what a Standard_D2s_v5 has/);
    assert.match(await place.preview(), UNCHANGED);
  });

  for (const [direction, min] of [
    ["up", 6],
    ["down", 1],
  ] as const)
    it(`names what a person has moved ${direction} by hand, and leaves it alone`, async () => {
      const minimum = {
        read: (group: ScaledGroup) => group.profiles![0].min,
        write: (group: ScaledGroup, value: number) => {
          group.profiles![0].min = value;
        },
        told: (before: number, min: number) =>
          new RegExp(
            `drift: web-autoscaler\\.profiles\\[0\\]\\.capacity\\.minimum was changed by others from "${before}" to "${min}"`,
          ),
      };
      await leavesHandAlone(place, min, minimum, { replicas: { floor: 4, ceiling: 10 } });
    });

  it("leaves alone what others have committed and not deployed", async () => {
    const settings = join(place.root, "Pulumi.dev.yaml");
    writeFileSync(settings, `${readFileSync(settings, "utf8")}  foreshadow:utilisation: "50"\n`);
    await place.git("commit", "--quiet", "--all", "--message", "Let the autoscaler hold 50 percent");
    const done = await place.change((capacity) => ({ ...capacity, replicas: { floor: 4, ceiling: 10 } }));
    assertDone(done);
    assert.deepEqual(touched(done).sort(), [
      "web-autoscaler profiles[0].capacity.default",
      "web-autoscaler profiles[0].capacity.minimum",
    ]);
    assert.equal(await place.git("rev-parse", "main"), done.commit, "the branch has the change on top of theirs");
    const [profile] = await place.world(({ groups }) => groups[GROUP].profiles!);
    assert.deepEqual([profile.min, profile.rules[0].threshold], [4, 0.7]);
    const left = await place.preview();
    assert.match(left, /~ threshold: 70 => 50/);
    assert.match(left, /1 to update\s+10 unchanged/);
    await place.up();
    assert.match(await place.preview(), UNCHANGED);
  });

  it("tells a failure half-way, and completes it afterwards", async () => {
    await completesHalfWay(
      place,
      {
        on: "update",
        // The autoscaler depends on the scale set: what has come about when it fails is not left to chance.
        type: "azure-native:monitor:AutoscaleSetting",
        message: 'Status=500 Code="InternalExecutionError" Message="An internal execution error occurred."',
      },
      (capacity) => ({
        ...capacity,
        perReplica: { ...capacity.perReplica, instance: "Standard_D4s_v5" },
        replicas: { floor: 5, ceiling: 10 },
      }),
      /only a part came about: web-autoscaler\.profiles\[0\]\.capacity\.\w+(, web-autoscaler\.profiles\[0\]\.capacity\.\w+)* did not/,
      UNCHANGED,
    );
  });
});
