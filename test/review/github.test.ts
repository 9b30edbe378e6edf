import assert from "node:assert/strict";
import { after, afterEach, describe, it } from "node:test";
import { OpenApi } from "./openapi.ts";
import { createWorld, PATH, type World } from "./world.ts";

const DAY = 86_400;

describe("pull requests on GitHub", { timeout: 300_000 }, () => {
  const api = new OpenApi("api.github.com");
  const worlds: World[] = [];
  const open = async (options: Parameters<typeof createWorld>[0] = { api }) => {
    const world = await createWorld(options);
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    for (const world of worlds.splice(0)) {
      assert.deepEqual(world.server.violations, []);
      const sent = world.server.bodies.join("\n");
      assert.equal(sent.includes(world.token), false, "the token is in no body");
      assert.equal(world.alerts.join("\n").includes(world.token), false, "nor in what is told");
      await world.remove();
    }
  });
  after(() => {
    for (const { server } of worlds) void server.stop();
  });
  const sets = ({ server }: World) => server.requests.filter((one) => !one.startsWith("GET"));

  it("a changeset that waits has one, which says what it is; looking again sends nothing", async () => {
    const world = await open();
    const { id, commit } = await world.propose("web", 4);
    await world.look();
    assert.equal(world.server.pulls.length, 1);
    const { title, body, branch, base } = world.server.pull(1);
    assert.deepEqual([title, branch, base], ["web: replicas 2 → 4", world.branch, "main"]);
    assert.match(body, /\| <code>web<\/code> \| <code>replicas<\/code> \| 2 → 4 \| demand rises \|/);
    assert.match(body, new RegExp(`foreshadow approve ${id}`));
    assert.match(body, /\+ {2}replicas: \{ count: 4 \}/);
    assert.equal(world.server.tip(world.branch), commit, "what is merged is the very commit that was judged");
    const before = [...sets(world)];
    await world.look();
    await world.look();
    assert.deepEqual(sets(world), before);
    assert.equal(world.replicas("web"), 2, "nothing is applied before a merge");
    assert.equal(world.git("rev-parse", "--abbrev-ref", "HEAD"), "main");
    assert.equal(world.git("status", "--short"), "");
  });

  for (const how of ["merge", "rebase", "squash"] as const)
    it(`a merge (${how}) approves it and it is applied; the one comment says so`, async () => {
      const world = await open();
      const { id } = await world.propose("web", 4);
      await world.look();
      const merged = world.server.merge(1, how, "octocat");
      await world.look();
      const done = await world.manager.get(id);
      assert.equal(done?.state, "done", done?.failure?.message);
      assert.equal(done?.approvedBy, "octocat, by merging GitHub acme/shop#1");
      assert.equal(world.replicas("web"), 4);
      assert.equal(await world.review.head(), merged);
      assert.equal(world.server.tip(world.branch), undefined, "the branch is gone");
      assert.deepEqual(
        world.server.comments.map(({ pull, body }) => [pull, /\*\*done\*\*/.test(body)]),
        [[1, true]],
      );
      const before = [...world.server.requests];
      await world.look();
      assert.deepEqual(world.server.requests, before, "nothing more is asked or said");
    });

  it("newer numbers edit it in place", async () => {
    const world = await open();
    const first = await world.propose("web", 4);
    await world.look();
    const second = await world.propose("web", 5);
    await world.look();
    assert.equal((await world.manager.get(first.id))?.state, "superseded");
    assert.equal(world.server.pulls.length, 1);
    assert.equal(world.server.pull(1).title, "web: replicas 2 → 5");
    assert.equal(world.server.tip(world.branch), second.commit);
    assert.equal(world.server.comments.length, 1);
    assert.match(world.server.comments[0].body, /\*\*superseded\*\*/);
    world.server.merge(1, "merge", "octocat");
    await world.look();
    assert.equal(world.replicas("web"), 5);
    assert.equal(world.server.comments.length, 1);
  });

  it("two workloads of a stack share it, and one merge approves both", async () => {
    const world = await open();
    const ids = [(await world.propose("web", 4)).id, (await world.propose("api", 3)).id];
    await world.look();
    assert.equal(world.server.pulls.length, 1);
    assert.equal(world.server.pull(1).title, "dev: capacity of web, api");
    world.server.merge(1, "merge", "octocat");
    await world.look();
    for (const id of ids) {
      const done = await world.manager.get(id);
      assert.equal(done?.state, "done", done?.failure?.message);
    }
    assert.deepEqual([world.replicas("web"), world.replicas("api")], [4, 3]);
  });

  it("one that has expired is closed, and so is its branch", async () => {
    const world = await open();
    const { id } = await world.propose("web", 4);
    await world.look();
    world.pass(8 * DAY);
    await world.manager.advance(id);
    await world.look();
    assert.equal((await world.manager.get(id))?.state, "expired");
    assert.equal(world.server.pull(1).state, "closed");
    assert.equal(world.server.tip(world.branch), undefined);
    assert.match(world.server.comments[0].body, /\*\*expired\*\*/);
    assert.equal(world.replicas("web"), 2);
  });

  it("a person who closes it rejects it", async () => {
    const world = await open();
    const { id } = await world.propose("web", 4);
    await world.look();
    world.server.close(1);
    await world.look();
    const rejected = await world.manager.get(id);
    assert.equal(rejected?.state, "rejected");
    assert.match(rejected!.failure!.message, /whoever closed GitHub acme\/shop#1/);
    await world.look();
    assert.equal(world.server.pulls.length, 1, "and none is opened for it again");
  });

  it("a person's numbers are judged as any other: within bounds they wait for the merge", async () => {
    const world = await open();
    const { id } = await world.propose("web", 4);
    await world.look();
    world.server.edit(world.branch, PATH, (text) => text.replace("count: 4", "count: 7"));
    await world.look();
    assert.equal((await world.manager.get(id))?.state, "superseded");
    const [edited] = await world.manager.list({ states: ["awaiting-approval"] });
    assert.deepEqual([edited.after.replicas, edited.editedBy], [{ count: 7 }, "octocat"]);
    assert.equal(world.server.pulls.length, 1);
    assert.equal(world.server.pull(1).title, "web: replicas 2 → 7");
    assert.match(world.server.comments[0].body, /octocat edited the capacity of web/);
    assert.equal(world.replicas("web"), 2);
    world.server.merge(1, "squash", "octocat");
    await world.look();
    assert.equal(world.replicas("web"), 7);
  });

  it("a person's numbers out of bounds are refused, with the reason, and nothing is applied", async () => {
    const world = await open();
    await world.propose("web", 4);
    await world.look();
    world.server.edit(world.branch, PATH, (text) => text.replace("count: 4", "count: 70"));
    await world.look();
    assert.equal(world.server.pull(1).state, "closed");
    assert.match(world.server.comments[0].body, /\*\*refused\*\*.*expected 1 to 10/s);
    assert.equal(world.replicas("web"), 2);
    assert.equal((await world.manager.list({ states: ["awaiting-approval"] })).length, 0);
  });

  it("numbers that were edited and merged before anybody judged them are not applied, and that is told", async () => {
    const world = await open();
    const { id } = await world.propose("web", 4);
    await world.look();
    world.server.edit(world.branch, PATH, (text) => text.replace("count: 4", "count: 70"));
    world.server.merge(1, "merge", "octocat");
    await world.look();
    assert.equal((await world.manager.get(id))?.state, "rejected");
    assert.equal(world.replicas("web"), 2);
    assert.match(world.alerts.join(), /merged with other numbers than were judged \(web\)/);
    assert.match(world.server.comments[0].body, /nothing of it is applied/);
  });

  it("a program that changed between the judgement and the merge makes the apply refuse", async () => {
    const world = await open();
    const { id } = await world.propose("web", 4);
    await world.look();
    world.server.edit("main", "index.ts", () => "// another program\n");
    world.server.merge(1, "merge", "octocat");
    await world.look();
    assert.equal(world.replicas("web"), 2);
    assert.notEqual((await world.manager.get(id))?.state, "done");
  });

  it("a capacity file that a person broke is named and changes nothing", async () => {
    const world = await open();
    const { id } = await world.propose("web", 4);
    await world.look();
    world.server.edit(world.branch, PATH, () => "version: 1\nweb: { replicas: many }\n");
    await world.look();
    assert.equal((await world.manager.get(id))?.state, "awaiting-approval");
    assert.match(world.server.comments[0].body, /cannot be read/);
  });

  it("a branch that a person brought up to date with main stays theirs", async () => {
    const world = await open();
    await world.propose("web", 4);
    await world.look();
    const head = world.server.edit(world.branch, "README.md", () => "prose\n");
    await world.look();
    assert.equal(world.server.tip(world.branch), head);
    assert.equal(world.server.pull(1).state, "open");
  });

  it("pushes are bounded; until the next the text says not to merge", async () => {
    const world = await open();
    for (let count = 3; count <= 8; count++) {
      await world.propose("web", count);
      await world.look();
    }
    assert.match(world.server.git("show", `${world.branch}:${PATH}`), /count: 6/);
    assert.match(world.server.pull(1).body, /^\*\*Do not merge yet\.\*\*/);
    world.pass(73 * 60);
    await world.look();
    assert.match(world.server.git("show", `${world.branch}:${PATH}`), /count: 8/);
    assert.doesNotMatch(world.server.pull(1).body, /Do not merge/);
    assert.equal(world.server.pulls.length, 1);
  });

  for (const carriedOut of [true, false])
    it(`an answer that never comes when something is created (${carriedOut ? "carried out" : "not carried out"}), and a restart, leave one pull request and one comment`, async () => {
      for (let creations = 0; ; creations++) {
        const world = await open();
        world.server.cut = { creations, carriedOut };
        const look = async () => {
          await world.lookOnce();
          world.restart();
          await world.look();
        };
        await world.propose("web", 4);
        await look();
        await world.propose("web", 5);
        await look();
        world.server.merge(1, "merge", "octocat");
        await look();
        assert.deepEqual([world.server.pulls.length, world.server.comments.length], [1, 1]);
        assert.equal(world.replicas("web"), 5);
        assert.match(world.server.comments[0].body, /\*\*done\*\*/);
        if (world.server.cut.creations >= 0) break;
      }
    });

  it("an envelope that waits is shown, merged with a person's numbers, and not shown again", async () => {
    const world = await open();
    const path = "capacity/dev.envelope.yaml";
    await world.proposeEnvelope(6);
    await world.look();
    const { title, body } = world.server.pull(1);
    assert.equal(title, "dev: envelope of web");
    assert.match(body, /\| web \| 8–24 h \| 2 to 6 \| 2027-02-01T00:00Z \|/);
    assert.match(body, /foreshadow approve envelope-dev/);
    world.server.edit(world.branch, path, (text) => text.replace("greatest: 6", "greatest: 9"));
    await world.look();
    await world.propose("web", 4);
    await world.look();
    assert.equal(world.server.pull(1).title, "web: replicas 2 → 4; dev: envelope of web");
    assert.match(world.server.pull(1).body, /\| 2 to 9 \|/, "a newer change does not take a person's floors back");
    world.server.merge(1, "squash", "octocat");
    await world.look();
    assert.match(world.server.git("show", `main:${path}`), /greatest: 9/);
    assert.equal(world.replicas("web"), 4);
    assert.equal(world.server.pulls.length, 1);
  });

  it("a newer envelope edits it in place, and a close rejects it", async () => {
    const world = await open();
    await world.proposeEnvelope(6);
    await world.look();
    await world.proposeEnvelope(7);
    await world.look();
    assert.match(world.server.pull(1).body, /\| 2 to 7 \|/);
    world.server.close(1);
    await world.look();
    assert.deepEqual(world.rejected, ["envelope-dev whoever closed GitHub acme/shop#1"]);
    assert.equal(world.server.pulls.length, 1);
  });

  it("works below the path of an Enterprise Server", async () => {
    const world = await open({ api: new OpenApi("ghes-3.19"), prefix: "/api/v3" });
    await world.propose("web", 4);
    await world.look();
    world.server.merge(1, "merge", "octocat");
    await world.look();
    assert.equal(world.replicas("web"), 4);
  });

  it("a host that is out of reach is told, and what was missed follows when it is back", async () => {
    const world = await open();
    const { id } = await world.propose("web", 4);
    world.server.down = true;
    await world.look();
    assert.equal((await world.manager.get(id))?.state, "awaiting-approval");
    assert.match(world.alerts.join(), /review of dev on GitHub acme\/shop: /);
    world.server.down = false;
    world.restart();
    world.pass(11);
    await world.look();
    assert.equal(world.server.pulls.length, 1);
  });

  it("limits are kept: while GitHub says to wait nothing is asked", async () => {
    const world = await open();
    await world.propose("web", 4);
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800003600" };
    world.server.faults.push({ status: 403, headers });
    await world.lookOnce();
    assert.match(world.alerts.join(), /its limit of requests is reached; again in 3600 s/);
    const before = world.server.bodies.length;
    await world.look();
    assert.equal(world.server.bodies.length, before);
    world.pass(3601);
    await world.look();
    assert.equal(world.server.pulls.length, 1);
  });
});
