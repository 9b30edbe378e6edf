import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Infrastructure, Operation } from "../../engine/orchestrator/change/infrastructure.port.ts";
import type { StackReference } from "../../model/changeset.ts";

/** A stack with a pool `web` of 2 replicas, deployed, to hold an infrastructure to its contract. */
export interface Deployed {
  readonly infrastructure: Infrastructure;
  readonly stack: StackReference;
  /** A checkout in which the pool has so many replicas; 2 is what is deployed. */
  checkout(replicas: number): Promise<string>;
  /** Replicas that the world has. */
  replicas(): number;
  /** Somebody else gives the pool so many replicas. */
  drift(replicas: number): void;
}

/** What every infrastructure does, whatever is behind it. `deploy` gives a fresh stack each time. */
export function infrastructureContract(name: string, deploy: () => Promise<Deployed>): void {
  describe(`${name} as infrastructure`, { timeout: 600_000 }, () => {
    let count = 0;
    const during = async (deployed: Deployed, work: (operation: Operation, identifier: string) => Promise<void>) => {
      const identifier = `operation-${++count}`;
      const operation = await deployed.infrastructure.begin(identifier, deployed.stack);
      try {
        await work(operation, identifier);
      } finally {
        await operation.end();
      }
    };
    const figures = (changes: readonly { resource: string; property: string; before?: unknown; after?: unknown }[]) =>
      changes.map(({ resource, property, before, after }) => ({ resource, property, before, after }));

    it("previews, rehearses and applies; each shows what it says and no more", async () => {
      const deployed = await deploy();
      const [before, after] = [await deployed.checkout(2), await deployed.checkout(3)];
      await during(deployed, async (operation) => {
        const nothing = await operation.preview(before);
        assert.deepEqual(nothing.changes, [], "what is deployed previews empty");
        assert.deepEqual(nothing.drift, []);

        const preview = await operation.preview(after);
        assert.deepEqual(figures(preview.changes), [{ resource: "web", property: "replicas", before: 2, after: 3 }]);
        assert.equal(preview.changes[0].operation, "update");
        assert.equal(preview.stateDigest, nothing.stateDigest, "a preview leaves the state");
        assert.equal(deployed.replicas(), 2, "a preview changes nothing");

        const reverse = await operation.rehearse(before, preview);
        assert.deepEqual(figures(reverse.changes), [{ resource: "web", property: "replicas", before: 3, after: 2 }]);
        assert.equal(deployed.replicas(), 2, "a rehearsal changes nothing");

        const applied = await operation.apply(after, preview.stateDigest);
        assert.equal(applied.outcome, "applied", applied.message);
        assert.equal(deployed.replicas(), 3);
        const verified = await operation.preview(after);
        assert.deepEqual([verified.changes, verified.drift], [[], []], "what was applied previews empty");
        assert.equal(verified.present.find(({ name }) => name === "web")?.outputs.ready, 3);
        assert.notEqual(verified.stateDigest, preview.stateDigest);
      });
    });

    it("applies nothing on another state than the expected one", async () => {
      const deployed = await deploy();
      const after = await deployed.checkout(3);
      await during(deployed, async (operation) => {
        const result = await operation.apply(after, "the digest of another state");
        assert.deepEqual([result.outcome, result.moved], ["failed", true]);
        assert.equal(deployed.replicas(), 2);
      });
    });

    it("names what others have changed", async () => {
      const deployed = await deploy();
      deployed.drift(7);
      await during(deployed, async (operation) => {
        const { drift, changes } = await operation.preview(await deployed.checkout(2));
        assert.deepEqual(figures(drift), [{ resource: "web", property: "replicas", before: 2, after: 7 }]);
        assert.deepEqual(figures(changes), [{ resource: "web", property: "replicas", before: 7, after: 2 }]);
      });
    });

    it("tells afterwards whether an operation applied anything", async () => {
      const deployed = await deploy();
      const { infrastructure, stack } = deployed;
      const after = await deployed.checkout(3);
      let [looked, applied] = ["", ""];
      await during(deployed, async (operation, identifier) => {
        looked = identifier;
        await operation.preview(after);
      });
      await during(deployed, async (operation, identifier) => {
        applied = identifier;
        await operation.apply(after, undefined);
      });
      assert.deepEqual(await infrastructure.settle(looked, stack, after), { applyBegun: false, cleared: [] });
      const settled = await infrastructure.settle(applied, stack, after);
      assert.equal(settled.applyBegun, true);
      assert.equal(settled.applyResult?.outcome, "applied");
    });
  });
}
