import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import type { Engine } from "../change/engine.ts";
import { deploy, type Place } from "../clouds/place.ts";
import { assertDone } from "../clouds/steps.ts";

const CONSTRAINTS = parseConstraints("version: 1\navailability: { replicas: { min: 2, max: 20 } }\n", "web.yaml");
const ENVELOPE = "version: 1\nweb:\n  until: 2026-04-01T00:00Z\n  hours:\n    00-24: { least: 2, greatest: 5 }\n";

/** Review as people have it, on a simulated AWS: the real Pulumi engine, SDK and git, a remote that merges arrive on, and an envelope. */
describe("a reviewed stack on a simulated AWS", { timeout: 900_000 }, () => {
  let place: Place;
  let engine: Engine;
  let remote: string;
  const alerts: string[] = [];
  before(async () => {
    place = await deploy("aws", { bootDelay: 5, scalerPeriod: 5 });
    remote = join(place.root, "..", "remote.git");
    await place.git("init", "--quiet", "--bare", "--initial-branch", "main", remote);
    await place.git("remote", "add", "origin", remote);
    await place.git("push", "--quiet", "origin", "main");
    engine = place.engine({
      constraints: CONSTRAINTS,
      remote: "origin",
      onMessage: (message) => {
        if (message.code === "alert") alerts.push(message.text);
      },
    });
  });
  after(() => {
    engine?.store.close();
    place?.remove();
  });
  const writes = () => place.world((world) => world.calls.length);
  const propose = async (edit: Partial<Capacity>): Promise<Changeset> => {
    const { id } = await engine.manager.propose({
      ...(await place.proposal((capacity) => ({ ...capacity, ...edit }))),
      mode: "review",
    });
    return engine.manager.advance(id);
  };
  const plan = (delay: number, floor: number) => ({ plan: [{ at: place.now() + delay, floor }] });
  /** Somebody commits on the branch that counts. */
  const commit = async (path: string, text: string) => {
    await place.git("pull", "--quiet", "--ff-only", "origin", "main");
    writeFileSync(join(place.root, path), text);
    await place.git("add", path);
    await place.git("commit", "--quiet", "--message", `Change ${path}`);
    await place.git("push", "--quiet", "origin", "main");
  };
  const text = (path: string) => readFileSync(join(place.root, path), "utf8");
  const setMinimum = (min: number) =>
    place.world(({ groups }) => {
      groups[place.group].min = min;
    });

  it("writes nothing before a plan is approved, and applies it without a word when an envelope that covers it is merged", async () => {
    const brought = await writes();
    const waiting = await propose(plan(3600, 4));
    assert.deepEqual([waiting.state, waiting.notes], ["awaiting-approval", ["mode: review"]]);
    assert.equal(await writes(), brought);
    await commit("capacity/dev.envelope.yaml", ENVELOPE);
    const done = await engine.manager.advance(waiting.id);
    assertDone(done);
    assert.deepEqual([done.approvedBy, done.envelope?.floors], ["envelope", { least: 2, greatest: 4 }]);
    assert.equal(await writes(), brought + 1);
  });

  it("applies a plan inside the envelope with git out of reach, and asks for one outside", async () => {
    const before = await writes();
    renameSync(remote, `${remote}.away`);
    const inside = await propose(plan(7200, 5));
    assertDone(inside);
    assert.equal(inside.approvedBy, "envelope");
    assert.equal(await writes(), before + 2, "a schedule went, another came");
    const outside = await propose(plan(7200, 6));
    assert.equal(outside.state, "awaiting-approval");
    assert.match(outside.notes!.join("; "), /outside capacity\/dev\.envelope\.yaml: 6 from/);
    assert.equal(await writes(), before + 2);
    renameSync(`${remote}.away`, remote);
    // The engine looks again once it has not for a while.
    while ((await engine.review.head().catch(() => "")) !== inside.commit) await sleep(500);
    assert.equal(await place.git("--git-dir", remote, "rev-parse", "main"), inside.commit);
    await engine.manager.reject(outside.id, "a person");
  });

  for (const [what, move, back, told] of [
    [
      "the stack's settings",
      () => commit("Pulumi.dev.yaml", `${text("Pulumi.dev.yaml")}  foreshadow:utilisation: "50"\n`),
      () => commit("Pulumi.dev.yaml", text("Pulumi.dev.yaml").replace(/ {2}foreshadow:utilisation.*\n/, "")),
      /moved since the approval: the program/,
    ],
    [
      "the program",
      () => commit("index.mjs", `// another one\n${text("index.mjs")}`),
      () => commit("index.mjs", text("index.mjs").replace("// another one\n", "")),
      /moved since the approval: the program/,
    ],
    [
      "an input of what is changed",
      () => setMinimum(3),
      () => setMinimum(2),
      /moved since the approval: the inputs of the resources that would be changed/,
    ],
  ] as const)
    it(`refuses to apply what was approved when ${what} has changed since`, async () => {
      const waiting = await propose({ replicas: { floor: 6, ceiling: 10 } });
      assert.equal(waiting.state, "awaiting-approval");
      const before = await writes();
      await move();
      alerts.length = 0;
      const refused = await engine.manager.approve(waiting.id, "a person");
      assert.match(alerts.join("\n"), told);
      assert.equal(refused.approvedBy, undefined);
      assert.ok(["awaiting-approval", "blocked"].includes(refused.state), refused.state);
      assert.equal(await writes(), before);
      if (refused.state === "awaiting-approval") await engine.manager.reject(waiting.id, "a person");
      await back();
    });
});
