import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runDaemon } from "../../engine/daemon.ts";
import { openEngine } from "../../engine/open-engine.ts";
import { loadProject } from "../../engine/project-files.ts";
import { openControlStore } from "../../engine/store/control-store.ts";
import { storeDirectory } from "../../engine/store/store-directory.ts";
import { OpenApi } from "./openapi.ts";
import { createWorld, type World } from "./world.ts";

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("an engine whose project is reviewed on GitHub", { timeout: 120_000 }, () => {
  let world: World;
  let hook: number;
  before(async () => {
    world = await createWorld({ api: new OpenApi("api.github.com") });
    hook = await freePort();
    writeFileSync(join(world.root, "web.yaml"), "version: 1\n");
    writeFileSync(join(world.root, ".gitignore"), ".foreshadow\n");
    writeFileSync(
      join(world.root, "foreshadow.yaml"),
      `version: 1
schedule: "0 0 1 1 *"
step: 1s
intake: { listen: "127.0.0.1:0" }
review:
  github:
    repository: acme/shop
    api: ${world.server.api}
    token: { env: TEST_TOKEN }
    poll: 1h
    webhook: { listen: "127.0.0.1:${hook}", secret: { env: TEST_SECRET } }
workloads:
  - { name: web, select: { cgroup: /none }, stack: { dir: ".", name: dev }, constraints: web.yaml, mode: review }
`,
    );
    world.git("add", ".");
    world.git("commit", "--quiet", "-m", "A project");
    world.git(
      "fetch",
      "--quiet",
      join(world.root, "..", "hosted", "acme", "shop.git"),
      "main:refs/remotes/origin/main",
    );
  });
  after(() => world.remove());
  const env = () => ({ ...process.env, TEST_TOKEN: world.token, TEST_SECRET: "hush" });
  const files = () => loadProject(join(world.root, "foreshadow.yaml"));

  it("ticks by the branch as it was last seen while GitHub is out of reach", async () => {
    world.server.down = true;
    const opened = await openEngine(files(), { say: () => {}, env: env() });
    try {
      assert.equal(await opened.engine.loop.tick(), true);
      const { workloads, alerts } = await opened.engine.status();
      assert.equal(workloads[0].asked, 2);
      assert.deepEqual(
        alerts.filter((text) => text.includes("not evaluated")),
        [],
      );
      await opened.look?.();
      await opened.recover();
    } finally {
      await opened.close();
      world.server.down = false;
    }
  });

  it("does not start without a token, and says where it was looked for", async () => {
    await assert.rejects(openEngine(files(), { say: () => {}, env: {} }), {
      name: "InputError",
      message: /review\.github\.token: expected a secret .* variable TEST_TOKEN, found nothing/,
    });
  });

  it("opens a pull request for what waits, and hands its merge on when a signed delivery says that something has changed", async () => {
    const { id } = await world.propose("web", 4);
    const directory = storeDirectory("sqlite:.foreshadow", world.root);
    const seeded = openControlStore(directory);
    await seeded.save({ ...(await world.manager.get(id))!, createdAt: Date.now() / 1000, revision: 1 }, 0, {
      at: Date.now() / 1000,
      kind: "decision",
      workload: "web",
      body: {},
    });
    seeded.close();
    const stop = new AbortController();
    const said: string[] = [];
    let ready = () => {};
    const listening = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const running = runDaemon(files(), { say: (text) => said.push(text), env: env(), signal: stop.signal, ready });
    try {
      await Promise.race([listening, running]);
      await until(() => world.server.pulls.length === 1);
      assert.equal(world.server.pull(1).title, "web: replicas 2 → 4");

      const deliver = async (secret: string, delivery: string) => {
        const body = JSON.stringify({ action: "closed" });
        const response = await fetch(`http://127.0.0.1:${hook}/`, {
          method: "POST",
          body,
          headers: {
            "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
            "x-github-delivery": delivery,
            "x-github-event": "pull_request",
          },
        });
        return response.status;
      };
      world.server.merge(1, "merge", "octocat");
      assert.equal(await deliver("guess", "a"), 401);
      assert.equal(await deliver("hush", "b"), 202);
      assert.equal(await deliver("hush", "b"), 200, "a replay");
      await until(() => world.server.comments.length === 1);
      assert.match(world.server.comments[0].body, /approved by (octocat, by merging GitHub|merge)/);
    } finally {
      stop.abort();
      await running;
    }
    const told = [...said, ...world.server.bodies].join("\n");
    assert.equal(told.includes(world.token) || told.includes("hush"), false);
    assert.deepEqual(world.server.violations, []);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 600, "it did not come about within a minute");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
