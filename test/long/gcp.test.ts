import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Changeset } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { inService } from "../../stacks/simulated/scaled-group.ts";
import { deploy, type Place } from "../clouds/place.ts";

const GROUP = "web-simulated";
const GIBI = 1024 ** 3;
const UNCHANGED = /15 unchanged/;

/** The whole way on a simulated Google Cloud: the real engine, the real SDK, a provider that keeps a world in a file. */
describe("a stack on a simulated Google Cloud", { timeout: 600_000 }, () => {
  let place: Place;
  before(async () => {
    place = await deploy("gcp", { bootDelay: 20, scalerPeriod: 10, scaleInAfter: 30, diskModificationGap: 0 });
  });
  after(() => place?.remove());

  const touched = ({ changes }: Changeset) => changes!.map(({ resource, property }) => `${resource} ${property}`);

  it("is brought up by a plain pulumi up, and shows no change afterwards", async () => {
    assert.match(await place.preview(), UNCHANGED);
    await place.until("two machines in service", 60, ({ groups, now }) => inService(groups[GROUP], now) === 2);
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
    assert.equal(done.state, "done", done.failure?.message);
    assert.equal(done.reversibility, "exact");
    assert.ok(done.changes!.every(({ resource }) => resource === "web-autoscaler"));
    // No engine is open here: what happens now is the cloud's own doing.
    await place.until("the base, though the minimum is lower", 60, ({ groups }) => groups[GROUP].min === 3);
    await place.until("five machines in service", 700, ({ groups, now }) => inService(groups[GROUP], now) === 5);
    assert.match(await place.preview(), UNCHANGED, "a step that has come is no change");
    await place.until("the floor back at two", 700, ({ groups }) => groups[GROUP].min === 2);
    await place.until("the native autoscaler's scale-in", 60, ({ groups }) => groups[GROUP].desired === 2);
    const next = await place.change((capacity) => ({ ...capacity, plan: [], replicas: { floor: 4, ceiling: 10 } }));
    assert.equal(next.state, "done", next.failure?.message);
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 4);
    const lower = await place.change((capacity) => ({ ...capacity, replicas: { floor: 2, ceiling: 10 } }));
    assert.deepEqual(touched(lower), ["web-autoscaler autoscalingPolicy.minReplicas"]);
    const back = await place.rollBack(lower);
    assert.equal(back.state, "done", back.failure?.message);
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 4);
    assert.match(await place.preview(), UNCHANGED);
  });

  it("replaces machines by those of another type, and back to the very same template", async () => {
    const former = await place.world(({ groups }) => groups[GROUP].version);
    const done = await place.change((capacity) => ({ ...capacity, perReplica: { instance: "c4-standard-4" } }));
    assert.equal(done.state, "done", done.failure?.message);
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
    assert.equal(await place.world(({ groups }) => groups[GROUP].cores), 4);
    const back = await place.rollBack(done);
    assert.equal(back.state, "done", back.failure?.message);
    await place.until(
      "machines of the former type",
      300,
      ({ groups }) => groups[GROUP].cores === 2 && !groups[GROUP].replacing,
    );
    assert.equal(await place.world(({ groups }) => groups[GROUP].version), former);
    assert.match(await place.preview(), UNCHANGED);
  });

  it("grows disks for good, and sets operations, throughput and bandwidth so that they can be taken back exactly", async () => {
    const faster = await place.change((capacity) => ({
      ...capacity,
      storage: { ...capacity.storage, iops: 6000, throughput: 500 * 1024 ** 2 },
      perReplica: { instance: "c4-standard-48" },
      network: { bandwidth: 40e9 / 8 },
    }));
    assert.equal(faster.state, "done", faster.failure?.message);
    assert.equal(faster.reversibility, "exact");
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
    const back = await place.rollBack(faster);
    assert.equal(back.state, "done", back.failure?.message);

    const larger = await place.change((capacity) => ({
      ...capacity,
      storage: { ...capacity.storage, size: 200 * GIBI },
    }));
    assert.equal(larger.state, "done", larger.failure?.message);
    assert.equal(larger.reversibility, "irreversible");
    assert.match(await place.preview(), UNCHANGED);
  });

  it("refuses what the constraints do not allow, before anything is changed", async () => {
    const refused = await place.change((capacity) => ({ ...capacity, replicas: { floor: 50, ceiling: 90 } }), {
      constraints: parseConstraints("version: 1\navailability: { replicas: { min: 2, max: 20 } }\n", "limits.yaml"),
    });
    assert.equal(refused.state, "refused");
    assert.match(refused.failure!.message, /replicas: expected/);
    assert.match(await place.preview(), UNCHANGED);
  });

  for (const [direction, min] of [
    ["up", 6],
    ["down", 1],
  ] as const)
    it(`names what a person has moved ${direction} by hand, and leaves it alone`, async () => {
      const before = await place.world(({ groups }) => groups[GROUP].floors!.base);
      await place.world(({ groups }) => {
        groups[GROUP].floors!.base = min;
      });
      const blocked = await place.change((capacity) => ({ ...capacity, replicas: { floor: 5, ceiling: 10 } }));
      assert.equal(blocked.state, "blocked");
      assert.match(
        blocked.failure!.message,
        new RegExp(
          `drift: web-autoscaler\\.autoscalingPolicy\\.minReplicas was changed by others from ${before} to ${min}`,
        ),
      );
      assert.equal(await place.world(({ groups }) => groups[GROUP].floors!.base), min);
      await place.world(({ groups }) => {
        groups[GROUP].floors!.base = before;
      });
    });

  it("leaves alone what others have committed and not deployed", async () => {
    const settings = join(place.root, "Pulumi.dev.yaml");
    writeFileSync(settings, `${readFileSync(settings, "utf8")}  foreshadow:port: "9090"\n`);
    await place.git("commit", "--quiet", "--all", "--message", "Listen on another port");
    const done = await place.change((capacity) => ({ ...capacity, replicas: { floor: 3, ceiling: 10 } }));
    assert.equal(done.state, "done", done.failure?.message);
    assert.deepEqual(touched(done), ["web-autoscaler autoscalingPolicy.minReplicas"]);
    assert.equal(await place.git("rev-parse", "main"), done.commit, "the branch has the change on top of theirs");
    assert.match(await place.preview(), /9090/);
    await place.up();
    assert.match(await place.preview(), UNCHANGED);
  });

  it("tells a failure half-way, and completes it afterwards", async () => {
    await place.world(({ faults }) =>
      faults.push({
        on: "update",
        // The last of the change: a disk fails before anything else has come about, and is then simply tried again.
        type: "gcp:compute/regionAutoscaler:RegionAutoscaler",
        when: "before",
        message: "googleapi: Error 503: Internal error. Please try again, backendError",
        times: 1,
      }),
    );
    const { manager, store } = place.engine();
    after(() => store.close());
    const { id } = await manager.propose(
      await place.proposal((capacity) => ({
        ...capacity,
        replicas: { floor: 2, ceiling: 10 },
        storage: { ...capacity.storage, throughput: 250 * 1024 ** 2 },
      })),
    );
    const partial = await manager.advance(id);
    assert.equal(partial.state, "partial");
    assert.match(
      partial.failure!.message,
      /only a part came about: .*web-autoscaler\.autoscalingPolicy\.minReplicas did not/,
    );
    const rest = (await manager.list()).find(({ repairs }) => repairs === id)!;
    const done = await manager.advance(rest.id);
    assert.equal(done.state, "done", done.failure?.message);
    assert.match(await place.preview(), UNCHANGED);
  });
});
