import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Capacity, parseCapacity } from "../../../model/capacity.ts";
import { parseConstraints } from "../../../model/constraints.ts";
import { MemoryControlStore } from "../../../test/change/memory-control-store.ts";
import { MemoryReviewHost } from "../../../test/change/memory-review-host.ts";
import { SimulatedInfrastructure } from "../../infrastructure/simulated.ts";
import { ChangeManager } from "./change-manager.ts";
import { isFinal } from "./transitions.ts";

const PATH = "capacity/dev.yaml";
const DEPLOYED = "version: 1\nweb: { owns: desired, replicas: { count: 2 }, perReplica: { cpu: 1 } }\n";
const STACK = { dir: ".", name: "dev" };

/** Two engines with stores of their own on one branch and one stack; who may act is the test's. */
async function open() {
  const review = new MemoryReviewHost({ [PATH]: DEPLOYED, "index.ts": "a program" });
  const infrastructure = await SimulatedInfrastructure.create(
    async (checkout) => parseCapacity(review.text(checkout, PATH), PATH),
    review.branch,
  );
  let now = 1000;
  let acts = "a";
  const engine = (name: string, onApply: () => void = () => {}) => {
    let identifiers = 0;
    const manager = new ChangeManager({
      store: new MemoryControlStore(),
      review,
      infrastructure,
      progress: {
        notify: (message) => {
          if (message.code === "step" && message.step === "up" && message.seconds === undefined) onApply();
        },
      },
      clock: { now: () => now, monotonic: () => now++ },
      newId: () => `${name}${++identifiers}`,
      constraints: () => parseConstraints("version: 1\n", "policies/web.yaml"),
      limits: { verifyDeadline: 3, verifyInterval: 0 },
      holds: () => acts === name,
      workloads: () => [{ workload: "web", stack: STACK }],
    });
    const ask = async (count: number) => {
      const text = review.text(review.branch, PATH);
      const after: Capacity = { ...parseCapacity(text, PATH).get("web")!, replicas: { count } };
      const reasons = [{ kind: "demand" as const, text: "demand rises" }];
      return (await manager.propose({ workload: "web", stack: STACK, after, reasons, mode: "auto" })).id;
    };
    return { manager, ask };
  };
  return {
    engine,
    infrastructure,
    act: (name: string) => {
      acts = name;
    },
    replicas: () => infrastructure.world.get("web")?.inputs.replicas,
    branch: () => parseCapacity(review.text(review.branch, PATH), PATH).get("web")!.replicas,
  };
}

describe("two engines with stores of their own", () => {
  it("the one that may not act changes nothing, and goes on when it may", async () => {
    const { engine, act, replicas, infrastructure } = await open();
    const b = engine("b");
    const id = await b.ask(4);
    assert.equal((await b.manager.advance(id)).state, "proposed");
    assert.deepEqual(await b.manager.recover(), []);
    assert.deepEqual([replicas(), infrastructure.writes], [2, []]);
    act("b");
    await b.manager.recover();
    assert.equal(replicas(), 4);
  });

  it("what one has pushed when its lease passes is carried out by the other, once", async () => {
    const { engine, act, replicas, branch, infrastructure } = await open();
    const b = engine("b");
    // Its lease passes between the push and the apply, which the program then refuses.
    const a = engine("a", () => {
      act("nobody");
      infrastructure.faults.push("refused");
    });
    const id = await a.ask(4);
    await a.manager.advance(id);
    assert.equal((await a.manager.get(id))?.state, "interrupted");
    assert.deepEqual(branch(), { count: 4 });
    assert.equal(replicas(), 2);
    act("b");
    await b.manager.recover();
    assert.equal(replicas(), 4);
    await b.manager.recover();
    assert.deepEqual(infrastructure.writes, ["web"]);
    act("a");
    await a.manager.recover();
    assert.deepEqual(infrastructure.writes, ["web"], "its own engine finds it done");
    assert.ok(isFinal((await a.manager.get(id))!.state));
  });

  it("an engine that comes back late takes nothing back that the other has done since", async () => {
    const { engine, act, replicas, branch } = await open();
    const b = engine("b");
    const a = engine("a", () => act("nobody"));
    const id = await a.ask(4);
    await a.manager.advance(id);
    assert.equal((await a.manager.get(id))?.state, "verifying");
    act("b");
    await b.manager.advance(await b.ask(7));
    assert.equal(replicas(), 7);
    act("a");
    await a.manager.recover();
    await a.manager.recover();
    assert.deepEqual([replicas(), branch()], [7, { count: 7 }]);
    assert.ok(isFinal((await a.manager.get(id))!.state));
  });
});
