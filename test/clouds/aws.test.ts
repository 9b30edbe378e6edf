import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inService, type ScaledGroup } from "../../stacks/simulated/scaled-group.ts";
import { LONG_RUN } from "../long-run.ts";
import { deploy, type Place } from "./place.ts";
import {
  assertDone,
  completesHalfWay,
  isUp,
  leavesHandAlone,
  refusesTooMany,
  takesMachinesBack,
  takesSpeedBackAndGrows,
  touched,
} from "./steps.ts";

const GROUP = "web-simulated";
const LONG = { skip: !LONG_RUN && "among the long tests" };

/** The whole way on a simulated AWS: the real engine, the real SDK, a provider that keeps a world in a file. */
describe("a stack on a simulated AWS", { timeout: 600_000 }, () => {
  let place: Place;
  before(async () => {
    place = await deploy("aws", { bootDelay: 20, scalerPeriod: 10, scaleInAfter: 30, diskModificationGap: 0 });
  });
  after(() => place?.remove());

  it("is brought up by a plain pulumi up, and shows no change afterwards", async () => {
    await isUp(place, /20 unchanged/);
  });

  it("carries a plan out, up and down, with the engine dead; the next change takes what has happened for no drift", async () => {
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
    assert.equal(done.changes!.length, 2);
    assert.ok(
      done.changes!.every(
        ({ type, operation }) => type === "aws:autoscaling/schedule:Schedule" && operation === "create",
      ),
    );
    // No engine is open here: what happens now is the cloud's own doing.
    await place.until("five machines in service", 700, ({ groups, now }) => inService(groups[GROUP], now) === 5);
    // A change while a step is in force: nobody has raised the minimum by hand, and so nothing holds it.
    const later = { at: steps[1] + 60, floor: 2 };
    const during = await place.change((capacity) => ({ ...capacity, plan: [capacity.plan[0], later] }));
    assertDone(during);
    assert.deepEqual(await place.pins(), []);
    await place.until("the floor back at two", 460, ({ groups }) => groups[GROUP].min === 2);
    await place.until("the native autoscaler's scale-in", 60, ({ groups }) => groups[GROUP].desired === 2);
    const next = await place.change((capacity) => ({ ...capacity, plan: [], replicas: { floor: 3, ceiling: 10 } }));
    assertDone(next);
    assert.deepEqual(touched(next), ["web minSize"]);
    assertDone(await place.rollBack(next));
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 2);
    assert.match(await place.preview(), /20 unchanged/);
  });

  it("replaces machines by those of another type, and back", async () => {
    const done = await place.change((capacity) => ({ ...capacity, perReplica: { instance: "m7i.xlarge" } }));
    assertDone(done);
    assert.deepEqual(touched(done), ["web launchTemplate.version", "web-template instanceType"]);
    await place.until("machines of the second version", 300, ({ groups, now }) => {
      const group = groups[GROUP];
      return group.instances.every(({ version }) => version === "2") && inService(group, now) === group.desired;
    });
    await takesMachinesBack(place, done, /20 unchanged/);
  });

  it(
    "grows disks for good, and sets operations, throughput and bandwidth so that they can be taken back exactly",
    LONG,
    async () => {
      const faster = await place.change((capacity) => ({
        ...capacity,
        storage: { ...capacity.storage, iops: 6000, throughput: 500 * 1024 ** 2 },
        network: { bandwidth: 1e9 / 8 },
      }));
      assertDone(faster);
      assert.deepEqual(touched(faster), [
        "web-data-eu-central-1a iops",
        "web-data-eu-central-1a throughput",
        "web-data-eu-central-1b iops",
        "web-data-eu-central-1b throughput",
        "web-balancer minimumLoadBalancerCapacity.capacityUnits",
      ]);
      await takesSpeedBackAndGrows(place, faster, /20 unchanged/);
    },
  );

  it("refuses what the constraints do not allow, before anything is changed", async () => {
    await refusesTooMany(place, { plan: [] });
    assert.match(await place.preview(), /20 unchanged/);
  });

  for (const [direction, min] of [
    ["up", 6],
    ["down", 1],
  ] as const)
    it(`names what a person has moved ${direction} by hand, and leaves it alone`, async () => {
      const minimum = {
        read: (group: ScaledGroup) => group.min,
        write: (group: ScaledGroup, value: number) => {
          group.min = value;
        },
        told: (before: number, min: number) =>
          new RegExp(`drift: web\\.minSize was changed by others from ${before} to ${min}`),
      };
      await leavesHandAlone(place, min, minimum, { plan: [], replicas: { floor: 4, ceiling: 10 } });
    });

  it("leaves alone what others have committed and not deployed", LONG, async () => {
    const settings = join(place.root, "Pulumi.dev.yaml");
    writeFileSync(settings, `${readFileSync(settings, "utf8")}  foreshadow:utilisation: "50"\n`);
    await place.git("commit", "--quiet", "--all", "--message", "Let the autoscaler hold 50 percent");
    for (const floor of [4, 2]) {
      const done = await place.change((capacity) => ({ ...capacity, plan: [], replicas: { floor, ceiling: 10 } }));
      assertDone(done);
      assert.deepEqual(touched(done), ["web minSize"]);
      assert.equal(await place.git("rev-parse", "main"), done.commit, "the branch has the change on top of theirs");
      const { target, min } = await place.world(({ groups }) => groups[GROUP]);
      assert.deepEqual({ target, min }, { target: 0.7, min: floor });
      const left = await place.preview();
      assert.match(left, /~ targetValue: 70 => 50/);
      assert.match(left, /1 to update\s+19 unchanged/);
    }
    await place.up();
    assert.match(await place.preview(), /20 unchanged/);
  });

  it("tells a failure half-way, and completes it afterwards", async () => {
    await completesHalfWay(
      place,
      // The group comes before its schedule: what has come about when it fails is not left to chance.
      {
        on: "create",
        type: "aws:autoscaling/schedule:Schedule",
        message:
          "operation error Auto Scaling: PutScheduledUpdateGroupAction, api error InternalFailure: try again later",
      },
      (capacity) => ({
        ...capacity,
        plan: [{ at: place.now() + 3600, floor: 5 }],
        replicas: { floor: 3, ceiling: 10 },
      }),
      /only a part came about: web-at-/,
      /21 unchanged/,
    );
  });
});
