import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { policyGround, policyPacks } from "../../engine/infrastructure/policy-packs.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { parseProject } from "../../model/project.ts";
import { openEngine } from "./engine.ts";
import { createFileWorld, type FileWorld } from "./file-world.ts";
import { proposalFor } from "./proposal.ts";

/** The gate lets more through than the pack: what is refused here is refused by the pack. */
const GATE = parseConstraints("version: 1\nchange: { vertical: auto, irreversible: auto }\n", "gate.yaml");
const PACK = parseConstraints("version: 1\navailability: { replicas: { min: 1, max: 5 } }\n", "web.yaml");

describe("the policy pack of this package", { timeout: 600_000 }, () => {
  let world: FileWorld;
  before(async () => {
    world = await createFileWorld();
  });
  after(() => world.remove());

  const propose = async (replicas: number, resources: string) => {
    const project = parseProject(
      `version: 1\npolicy: { packs: [foreshadow] }\nworkloads:\n  - { name: web, select: { cgroup: /x }, stack: { dir: ".", name: dev }, constraints: web.yaml, resources: ${resources} }\n`,
      "foreshadow.yaml",
    );
    const files = { project, constraints: new Map([["web", PACK]]), catalogues: new Map() };
    const policy = {
      packs: policyPacks(project, world.root, "foreshadow.yaml"),
      ground: (workload: string) => policyGround(files, workload),
    };
    const { manager, store } = openEngine(world, { constraints: GATE, infrastructure: { policy } });
    try {
      return await manager.advance((await manager.propose(proposalFor(replicas))).id);
    } finally {
      store.close();
    }
  };

  it("refuses a change beyond the constraints, in its own words, and nothing is changed", async () => {
    const refused = await propose(6, '["web*"]');
    assert.equal(refused.state, "refused", refused.failure?.message);
    assert.deepEqual(refused.policyViolations, [
      "foreshadow/replicas-within-bounds: Numbers of replicas lie within the workload's constraints.\nweb: replicas: expected 1 to 5 replicas, as the constraints of web say, found 6",
    ]);
    assert.match(refused.failure!.message, /expected 1 to 5 replicas/);
    assert.equal(world.resource("web")?.replicas, 2);
  });

  it("refuses a change of what is not the workload's", async () => {
    const refused = await propose(3, '["api*"]');
    assert.equal(refused.state, "refused", refused.failure?.message);
    assert.match(
      refused.failure!.message,
      /only-its-workload: .*\s*web \(fileworld:index:Pool\) is not of the workload web/,
    );
  });

  it("lets a change pass that keeps to the rules", async () => {
    const done = await propose(3, '["web*"]');
    assert.equal(done.state, "done", done.failure?.message);
    assert.deepEqual(done.policyViolations, []);
    assert.equal(world.resource("web")?.replicas, 3);
  });
});
