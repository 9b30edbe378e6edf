import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parseCapacity, replicasAt } from "../../model/capacity.ts";
import { ROOT } from "../../scripts/environment.ts";
import { inService } from "../../stacks/simulated/scaled-group.ts";
import { deploy, type Place } from "../clouds/place.ts";
import { assertDone, touched } from "../clouds/steps.ts";
import { pythonHost } from "./python-host.ts";

const GROUP = "web-simulated";
const WEB = { bound: { own: ["web*"], others: [] } };

/** A user's own program, by directory, in a language that is not ours: the engine runs `pulumi` and knows of no language. */
describe("a Pulumi program in Python on a simulated AWS", { timeout: 1_800_000 }, () => {
  let place: Place;
  let environment: string;
  const path = process.env.PATH;
  before(async () => {
    const host = pythonHost();
    environment = host.environment;
    // This version of the language host takes the virtual environment from PATH alone.
    process.env.PATH = `${host.bin}:${join(environment, "bin")}:${path}`;
    const provider = fileURLToPath(new URL("../../stacks/simulated/aws", import.meta.url));
    place = await deploy(
      "aws",
      { bootDelay: 20, scalerPeriod: 10, scaleInAfter: 30 },
      {
        capacity: `version: 1\nweb:\n  owns: floor\n  replicas: { floor: 2, ceiling: 10 }\n  perReplica: { instance: m7i.large, cpu: 2, memory: 8GiB }\n`,
        files: {
          "Pulumi.yaml": `name: shop
runtime: python
plugins: { providers: [{ name: aws, path: ${JSON.stringify(provider)} }] }
`,
          "__main__.py": readFileSync(new URL("./python-program/__main__.py", import.meta.url), "utf8"),
          "capacity.py": readFileSync(join(ROOT, "stacks", "capacity.py"), "utf8"),
          ".gitignore": "node_modules\n.foreshadow\n__pycache__\n",
        },
      },
    );
  });
  after(() => {
    process.env.PATH = path;
    place?.remove();
  });

  it("carries a plan out with the engine dead", async () => {
    assert.match(await place.preview(), /4 unchanged/);
    const at = place.now() + 600;
    const plan = [
      { at, floor: 5 },
      { at: at + 300, floor: 2 },
    ];
    const done = await place.change((capacity) => ({ ...capacity, plan }), WEB);
    assertDone(done);
    assert.equal(done.reversibility, "exact");
    assert.ok(done.changes!.every(({ type }) => type === "aws:autoscaling/schedule:Schedule"));
    await place.until("five machines in service", 800, ({ groups, now }) => inService(groups[GROUP], now) === 5);
    await place.until("the floor back at two", 800, ({ groups }) => groups[GROUP].min === 2);
  });

  it("takes a change back exactly", async () => {
    const done = await place.change(
      (capacity) => ({ ...capacity, plan: [], replicas: { floor: 4, ceiling: 10 } }),
      WEB,
    );
    assertDone(done);
    assert.deepEqual(touched(done), ["web minSize"]);
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 4);
    assertDone(await place.rollBack(done));
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 2);
    assert.match(await place.preview(), /4 unchanged/);
  });

  it("refuses where anything else would change with it", async () => {
    const refused = await place.change(
      (capacity) => ({ ...capacity, plan: [], replicas: { floor: 8, ceiling: 10 } }),
      WEB,
    );
    assert.equal(refused.state, "refused");
    assert.match(refused.failure!.message, /audit \(aws:cloudwatch\/logGroup:LogGroup\) is not of web/);
    assert.equal(await place.world(({ groups }) => groups[GROUP].min), 2);
  });

  it("refuses by name a group that another autoscaler owns", async () => {
    await place.pulumi("config", "set", "shop:nodes", "true", "--stack", "dev");
    await place.git("commit", "--quiet", "--all", "--message", "Let Karpenter have the group");
    await place.up();
    const refused = await place.change(
      (capacity) => ({ ...capacity, plan: [], replicas: { floor: 3, ceiling: 10 } }),
      WEB,
    );
    assert.ok(["refused", "blocked"].includes(refused.state), refused.state);
    assert.match(refused.failure!.message, /web \(aws:autoscaling\/group:Group\) is not scaled here: .*Karpenter/);
  });

  it("reads what a program in TypeScript reads, and nothing for an engine that has lost its lease", () => {
    const file = join(place.root, "other.yaml");
    writeFileSync(
      file,
      "version: 1\nweb:\n  owns: floor\n  replicas: { floor: 2, ceiling: 9 }\n  plan:\n    - { at: 2026-11-24T08:00Z, floor: 5 }\n    - { at: 2026-11-24T09:15:30Z, floor: 3 }\n    - { at: 2026-11-25T00:00Z, floor: 4 }\n  perReplica: { cpu: 2 }\n",
    );
    const read = (at: number, env: NodeJS.ProcessEnv = {}) =>
      execFileSync(
        join(environment, "bin", "python"),
        [
          "-c",
          `import json; from capacity import capacity; c = capacity("web", ${at}); print(json.dumps([c.floor, c.ceiling, c.present, [[s.at, s.floor] for s in c.ahead]]))`,
        ],
        {
          cwd: place.root,
          encoding: "utf8",
          env: { ...process.env, FORESHADOW_CAPACITY_FILE: file, ...env },
          stdio: "pipe",
        },
      );
    const capacity = parseCapacity(readFileSync(file, "utf8"), file).get("web")!;
    for (const at of [0, ...capacity.plan.flatMap((step) => [step.at - 1, step.at])])
      assert.deepEqual(JSON.parse(read(at)), [
        2,
        9,
        replicasAt(capacity, at),
        capacity.plan.filter((step) => step.at > at).map((step) => [step.at, step.floor]),
      ]);
    const lost = { FORESHADOW_LEASE_FILE: join(place.root, "none"), FORESHADOW_LEASE_TOKEN: "7" };
    assert.throws(() => read(0, lost), /another engine has taken over; nothing was changed/);
  });
});
