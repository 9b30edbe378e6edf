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

const GROUP = "web-simulated";
const UNCHANGED = /15 unchanged/;

/** The whole way on a simulated Google Cloud: the real engine, the real SDK, a provider that keeps a world in a file. */
describe("a stack on a simulated Google Cloud", { timeout: 600_000 }, () => {
  let place: Place;
  before(async () => {
    place = await deploy("gcp", { bootDelay: 20, scalerPeriod: 10, scaleInAfter: 30, diskModificationGap: 0 });
  });
  after(() => place?.remove());

  it("is brought up by a plain pulumi up, and shows no change afterwards", async () => {
    await isUp(place, UNCHANGED);
  });

  it("carries a plan out, up and down, with the engine dead; the next change takes what has happened for no drift", async () => {
    const steps = [600, 1200].map((delay) => place.now() + delay);
    const done = await place.change((capacity) => ({
      ...capacity,
      replicas: { floor: 3, ceiling: 10 },
      plan: [
        { at: steps[0], floor: 5 },
        { at: steps[1], floor: 2 },
      ],
    }));
    assertDone(done);
    assert.equal(done.reversibility, "exact");
    assert.ok(done.changes!.every(({ resource }) => resource === "web-autoscaler"));
    // No engine is open here: what happens now is the cloud's own doing.
    await place.until("the base, though the minimum is lower", 60, ({ groups }) => groups[GROUP].min === 3);
    await place.until("five machines in service", 700, ({ groups, now }) => inService(groups[GROUP], now) === 5);
    assert.match(await place.preview(), UNCHANGED, "a step that has come is no change");
    await place.until("the floor back at two", 700, ({ groups }) => groups[GROUP].min === 2);
    await place.until("the native autoscaler's scale-in", 60, ({ groups }) => groups[GROUP].desired === 2);
    const next = await place.change((capacity) => ({ ...capacity, plan: [], replicas: { floor: 4, ceiling: 10 } }));
    assertDone(next);
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 4);
    const lower = await place.change((capacity) => ({ ...capacity, replicas: { floor: 2, ceiling: 10 } }));
    assert.deepEqual(touched(lower), ["web-autoscaler autoscalingPolicy.minReplicas"]);
    assertDone(await place.rollBack(lower));
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 4);
    assert.match(await place.preview(), UNCHANGED);
  });

  it("replaces machines by those of another type, and back to the very same template", async () => {
    const former = await place.world(({ groups }) => groups[GROUP].version);
    const done = await place.change((capacity) => ({ ...capacity, perReplica: { instance: "c4-standard-4" } }));
    assertDone(done);
    assert.equal(done.reversibility, "exact");
    assert.deepEqual(touched(done).sort(), [
      "web versions[0].instanceTemplate",
      "web-template machineType",
      "web-template name",
    ]);
    await place.until("machines of the other type", 300, ({ groups, now }) => {
      const group = groups[GROUP];
      return group.instances.every(({ version }) => version !== former) && inService(group, now) === group.desired;
    });
    await takesMachinesBack(place, done, UNCHANGED);
    assert.equal(await place.world(({ groups }) => groups[GROUP].version), former);
  });

  it("grows disks for good, and sets operations, throughput and bandwidth so that they can be taken back exactly", async () => {
    const faster = await place.change((capacity) => ({
      ...capacity,
      storage: { ...capacity.storage, iops: 6000, throughput: 500 * 1024 ** 2 },
      perReplica: { instance: "c4-standard-48" },
      network: { bandwidth: 40e9 / 8 },
    }));
    assertDone(faster);
    assert.deepEqual(touched(faster).sort(), [
      "web versions[0].instanceTemplate",
      "web-data-europe-west3-a provisionedIops",
      "web-data-europe-west3-a provisionedThroughput",
      "web-data-europe-west3-b provisionedIops",
      "web-data-europe-west3-b provisionedThroughput",
      "web-template machineType",
      "web-template name",
      "web-template networkPerformanceConfig.totalEgressBandwidthTier",
    ]);
    await takesSpeedBackAndGrows(place, faster, UNCHANGED);
  });

  it("refuses what the constraints do not allow, before anything is changed", async () => {
    await refusesTooMany(place);
    assert.match(await place.preview(), UNCHANGED);
  });

  for (const [direction, min] of [
    ["up", 6],
    ["down", 1],
  ] as const)
    it(`names what a person has moved ${direction} by hand, and leaves it alone`, async () => {
      const minimum = {
        read: (group: ScaledGroup) => group.floors!.base,
        write: (group: ScaledGroup, value: number) => {
          group.floors!.base = value;
        },
        told: (before: number, min: number) =>
          new RegExp(
            `drift: web-autoscaler\\.autoscalingPolicy\\.minReplicas was changed by others from ${before} to ${min}`,
          ),
      };
      await leavesHandAlone(place, min, minimum, { replicas: { floor: 5, ceiling: 10 } });
    });

  it("leaves alone what others have committed and not deployed", async () => {
    const settings = join(place.root, "Pulumi.dev.yaml");
    writeFileSync(settings, `${readFileSync(settings, "utf8")}  foreshadow:port: "9090"\n`);
    await place.git("commit", "--quiet", "--all", "--message", "Listen on another port");
    const done = await place.change((capacity) => ({ ...capacity, replicas: { floor: 3, ceiling: 10 } }));
    assertDone(done);
    assert.deepEqual(touched(done), ["web-autoscaler autoscalingPolicy.minReplicas"]);
    assert.equal(await place.git("rev-parse", "main"), done.commit, "the branch has the change on top of theirs");
    assert.match(await place.preview(), /9090/);
    await place.up();
    assert.match(await place.preview(), UNCHANGED);
  });

  it("tells a failure half-way, and completes it afterwards", async () => {
    await completesHalfWay(
      place,
      // The last of the change: a disk fails before anything else has come about, and is then simply tried again.
      {
        on: "update",
        type: "gcp:compute/regionAutoscaler:RegionAutoscaler",
        message: "googleapi: Error 503: Internal error. Please try again, backendError",
      },
      (capacity) => ({
        ...capacity,
        replicas: { floor: 2, ceiling: 10 },
        storage: { ...capacity.storage, throughput: 250 * 1024 ** 2 },
      }),
      /only a part came about: .*web-autoscaler\.autoscalingPolicy\.minReplicas did not/,
      UNCHANGED,
    );
  });
});
