import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Capacity, parseCapacity } from "../../../model/capacity.ts";
import type { PropertyChange } from "../../../model/changeset.ts";
import { parseConstraints } from "../../../model/constraints.ts";
import { MemoryControlStore } from "../../../test/change/memory-control-store.ts";
import { MemoryReviewHost } from "../../../test/change/memory-review-host.ts";
import { SimulatedInfrastructure } from "../../infrastructure/simulated.ts";
import { ChangeManager } from "./change-manager.ts";
import { leavesRaised, raisedByHand, raisedLeast } from "./raised-by-hand.ts";

const PATH = "capacity/dev.yaml";
const DEPLOYED = "version: 1\nweb: { owns: desired, replicas: { count: 2 }, perReplica: { cpu: 1 } }\n";
const HOUR = 3600;

async function open() {
  const store = new MemoryControlStore();
  const review = new MemoryReviewHost({ [PATH]: DEPLOYED });
  const infrastructure = await SimulatedInfrastructure.create(
    async (checkout) => parseCapacity(review.text(checkout, PATH), PATH),
    review.branch,
  );
  let [now, identifiers] = [1_000_000, 0];
  const manager = new ChangeManager({
    store,
    review,
    infrastructure,
    progress: { notify() {} },
    clock: { now: () => now, monotonic: () => now++ },
    newId: () => `c${++identifiers}`,
    constraints: () => parseConstraints("version: 1\n", "web.yaml"),
    status: {
      read: () => ({
        ready: Number(infrastructure.world.get("web")?.inputs.replicas),
        warming: 0,
        warmingPids: [],
        at: now,
      }),
    },
    limits: { verifyDeadline: 3, verifyInterval: 0 },
  });
  return {
    store,
    infrastructure,
    pass: (seconds: number) => {
      now += seconds;
    },
    pins: () => store.pins(now),
    ask: async (count: number) => {
      const section = parseCapacity(review.text(review.branch, PATH), PATH).get("web") as Capacity;
      const { id } = await manager.propose({
        workload: "web",
        stack: { dir: ".", name: "dev" },
        after: { ...section, replicas: { count } },
        reasons: [{ kind: "release", text: "less is needed" }],
        mode: "auto",
      });
      return manager.advance(id);
    },
    replicas: () => infrastructure.world.get("web")?.inputs.replicas,
    branch: () => parseCapacity(review.text(review.branch, PATH), PATH).get("web")!.replicas,
  };
}

describe("an increase by hand", () => {
  it("is not taken back, and becomes a floor for a day, on record", async () => {
    const { ask, infrastructure, replicas, pins, pass, store } = await open();
    infrastructure.drift("web", { replicas: 6 });
    const blocked = await ask(3);
    assert.equal(blocked.state, "blocked");
    assert.match(blocked.failure!.message, /web\.replicas was changed by others from 2 to 6/);
    assert.equal(replicas(), 6);
    assert.deepEqual(
      (await pins()).map(({ min, by }) => [min, by]),
      [[6, "whoever raised web.replicas by hand"]],
    );
    assert.equal((await store.ledger()).filter(({ kind }) => kind === "pin").length, 1);
    await ask(4);
    assert.equal((await store.ledger()).filter(({ kind }) => kind === "pin").length, 1, "it is told once");
    pass(25 * HOUR);
    assert.deepEqual(await pins(), []);
  });

  it("is taken over where as much is asked for, so that git, state and world agree again", async () => {
    const { ask, infrastructure, replicas, branch } = await open();
    infrastructure.drift("web", { replicas: 6 });
    const done = await ask(6);
    assert.equal(done.state, "done", done.failure?.message);
    assert.deepEqual([replicas(), branch()], [6, { count: 6 }]);
    assert.equal((await ask(8)).state, "done");
    assert.deepEqual([replicas(), branch()], [8, { count: 8 }]);
  });

  it("does not stand in the way of a rescue that needs more", async () => {
    const { ask, infrastructure, replicas } = await open();
    infrastructure.drift("web", { replicas: 6 });
    assert.equal((await ask(9)).state, "done");
    assert.equal(replicas(), 9);
  });

  it("raises a person's pin and lowers none", async () => {
    const { ask, infrastructure, store, pins } = await open();
    const pin = { workload: "web", min: 3, max: 20, until: 1_000_000 + 48 * HOUR, by: "a person" };
    await store.setPin(pin, { at: 0, kind: "pin", body: {} });
    infrastructure.drift("web", { replicas: 6 });
    await ask(3);
    const [held] = await pins();
    assert.deepEqual([held.min, held.max, held.until], [6, 20, pin.until]);
    assert.match(held.by, /^a person, and whoever raised/);
  });

  it("beside another hand's change of something else still blocks", async () => {
    const { ask, infrastructure, replicas } = await open();
    infrastructure.drift("web", { replicas: 6, cpu: 4 });
    const blocked = await ask(9);
    assert.equal(blocked.state, "blocked");
    assert.equal(replicas(), 6);
  });
});

it("an increase is found wherever a target keeps the least number, and only of the workload's resources", () => {
  const drift = (property: string, before: unknown, after: unknown, resource = "web"): PropertyChange => ({
    urn: `u::${resource}`,
    type: "t",
    resource,
    operation: "update",
    property,
    before,
    after,
  });
  const found = (one: PropertyChange) => raisedLeast([one], { own: ["web*"], others: [] }).length;
  for (const property of ["minSize", "autoscalingPolicy.minReplicas", "sku.capacity", "count", "minCapacity"])
    assert.deepEqual([found(drift(property, 2, 3)), found(drift(property, 3, 2))], [1, 0], property);
  assert.equal(found(drift("profiles[0].capacity.minimum", "2", "10")), 1);
  assert.deepEqual([found(drift("maxSize", 2, 3)), found(drift("minSize", 2, 3, "api"))], [0, 0]);
  const raised = [drift("profiles[0].capacity.minimum", "2", "5")];
  // The program would take back what a hand has done, and not what a step of its plan has come to.
  assert.deepEqual(raisedByHand(raised, { changes: [drift("profiles[0].capacity.minimum", "5", "2")] }), raised);
  assert.deepEqual(raisedByHand(raised, { changes: [drift("maxSize", 9, 8)] }), []);
  const planned = (minimum: string) => ({
    resources: [
      { urn: "u::web", type: "t", name: "web", inputs: { profiles: [{ capacity: { minimum } }] }, outputs: {} },
    ],
  });
  assert.deepEqual([leavesRaised(raised, planned("5")), leavesRaised(raised, planned("4"))], [true, false]);
});
