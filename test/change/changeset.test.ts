import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseConstraints } from "../../model/constraints.ts";
import { openEngine } from "./engine.ts";
import { createFileWorld, type FileWorld } from "./file-world.ts";
import { proposalFor } from "./proposal.ts";

describe("a changeset on a real stack", { timeout: 600_000 }, () => {
  let deployed: FileWorld;
  const worlds: FileWorld[] = [];
  before(async () => {
    deployed = await createFileWorld();
  });
  after(() => {
    for (const world of [deployed, ...worlds]) world.remove();
  });
  const world = async () => {
    const copy = await createFileWorld({ from: deployed });
    worlds.push(copy);
    return copy;
  };

  it("changes the world, git and the working tree, and its rollback restores all three", async () => {
    const here = await world();
    const { manager, store } = openEngine(here);
    const { id } = await manager.propose(proposalFor(4));
    const done = await manager.advance(id);
    assert.equal(done.state, "done", done.failure?.message);
    assert.deepEqual(here.resource("web"), { cpu: 1, memory: "1GiB", replicas: 4 });
    assert.deepEqual(
      done.changes?.map(({ resource, property, before, after }) => ({ resource, property, before, after })),
      [{ resource: "web", property: "replicas", before: 2, after: 4 }],
    );
    assert.equal(done.reversibility, "exact");
    assert.equal(done.ready, 4);
    assert.ok(done.leadTime! > 0);
    assert.equal(here.git("status", "--short"), "");
    assert.equal(here.git("rev-parse", "main"), done.commit);
    assert.match(here.git("show", "main:capacity/dev.yaml"), /# The pool that the tests change\.\nweb:/);

    const undone = await manager.advance((await manager.rollback(id, "a person")).id);
    assert.equal(undone.state, "done", undone.failure?.message);
    assert.deepEqual(here.resource("web"), { cpu: 1, memory: "1GiB", replicas: 2 });
    assert.equal((await manager.get(id))?.reversedBy, undone.id);
    assert.equal(here.git("diff", "main~2", "main"), "");
    assert.equal(here.git("status", "--short"), "");
    assert.equal(here.writes().filter((line) => line.startsWith("update")).length, 2);
    store.close();
  });

  it("a world that was changed by others blocks, and is named", async () => {
    const here = await world();
    here.change("web", { cpu: 1, memory: "1GiB", replicas: 9 });
    const { manager, store } = openEngine(here);
    const blocked = await manager.advance((await manager.propose(proposalFor(4))).id);
    assert.equal(blocked.state, "blocked");
    assert.match(blocked.failure!.message, /drift: web\.replicas was changed by others from 2 to 9/);
    assert.equal(here.resource("web")?.replicas, 9);
    assert.equal(here.git("rev-parse", "main"), blocked.baseCommit);
    store.close();
  });

  it("growing storage has no way back and waits for a person", async () => {
    const here = await world();
    const constraints = parseConstraints("version: 1\n", "default.yaml");
    const { manager, store } = openEngine(here, { constraints });
    const { id } = await manager.propose(proposalFor(2, 20));
    const waiting = await manager.advance(id);
    assert.equal(waiting.state, "awaiting-approval");
    assert.equal(waiting.reversibility, "irreversible");
    assert.equal(here.resource("web-data")?.size, "10GiB");
    const done = await manager.approve(id, "a person");
    assert.equal(done.state, "done", done.failure?.message);
    assert.equal(done.approvedBy, "a person");
    assert.equal(here.resource("web-data")?.size, "20GiB");
    store.close();
  });
});
