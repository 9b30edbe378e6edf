import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inService } from "../../stacks/simulated/scaled-group.ts";
import { deploy, type Place } from "../clouds/place.ts";

const GIBI = 1024 ** 3;

describe("a service of containers on a simulated AWS", { timeout: 600_000 }, () => {
  let place: Place;
  before(async () => {
    place = await deploy(
      "aws",
      { bootDelay: 20, scalerPeriod: 10, scaleInAfter: 30 },
      {
        settings: { "foreshadow:runs": "containers", "foreshadow:image": "registry.invalid/web:1" },
        capacity: `version: 1
web:
  owns: floor
  replicas: { floor: 2, ceiling: 10 }
  perReplica: { cpu: 0.5, memory: 1GiB }
`,
      },
    );
  });
  after(() => place?.remove());

  it("carries a plan out with the engine dead, and leaves the count to the autoscaler", async () => {
    const { group } = place;
    const at = place.now() + 600;
    const planned = await place.change((capacity) => ({
      ...capacity,
      plan: [
        { at, floor: 5 },
        { at: at + 300, floor: 2 },
      ],
    }));
    assert.equal(planned.state, "done", planned.failure?.message);
    assert.equal(planned.reversibility, "exact");
    await place.until("five tasks", 700, ({ groups, now }) => inService(groups[group], now) === 5);
    await place.until("the floor back at two", 400, ({ groups }) => groups[group].min === 2);
    await place.world(({ load, now }) => {
      load[group] = [{ at: now, cpu: 1.3 }];
    });
    await place.until("what the load needs", 60, ({ groups }) => groups[group].desired === 4);
    const next = await place.change((capacity) => ({ ...capacity, plan: [], replicas: { floor: 3, ceiling: 10 } }));
    assert.equal(next.state, "done", next.failure?.message);
    assert.deepEqual(
      next.changes!.map(({ resource, property }) => `${resource} ${property}`),
      ["web-bounds minCapacity"],
    );
    assert.equal(await place.world(({ groups }) => groups[group].desired), 4, "the autoscaler's count stays");
  });

  it("sets CPU and memory of a task by another definition, and takes it back", async () => {
    const { group } = place;
    const larger = await place.change((capacity) => ({ ...capacity, perReplica: { cpu: 1, memory: 4 * GIBI } }));
    assert.equal(larger.state, "done", larger.failure?.message);
    await place.until(
      "tasks of the new definition",
      300,
      ({ groups }) => groups[group].cores === 1 && !groups[group].replacing,
    );
    const back = await place.rollBack(larger);
    assert.equal(back.state, "done", back.failure?.message);
    await place.until(
      "tasks of the former size",
      300,
      ({ groups }) => groups[group].cores === 0.5 && !groups[group].replacing,
    );
    assert.match(await place.preview(), /unchanged/);
    assert.doesNotMatch(await place.preview(), /to update|to replace|to create/);
  });
});
