import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { promisify } from "node:util";
import { ReviewHostError } from "../orchestrator/change/review-host.port.ts";
import { serveGit } from "./git-http.fixture.ts";
import { PlainGit } from "./plain-git.ts";
import { RemoteCapacityBranch } from "./remote-capacity-branch.ts";

const PATH = "capacity/dev.yaml";
const BRANCH = "foreshadow/capacity";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A project with a remote that a server answers for, or a directory. */
async function place(transport: "file" | "http") {
  const base = mkdtempSync(join(tmpdir(), "foreshadow-publish-"));
  closing.push(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, "work");
  mkdirSync(join(root, "capacity"), { recursive: true });
  // The server lives in this process: git must not be waited for in a way that stops it.
  const run = async (cwd: string, args: readonly string[]) => {
    const who = ["-c", "user.name=T", "-c", "user.email=t@localhost"];
    const { stdout } = await promisify(execFile)("git", [...who, ...args], { cwd, timeout: 20_000 });
    return stdout.trimEnd();
  };
  const git = (...args: string[]) => run(root, args);
  const origin = join(base, "origin.git");
  await run(base, ["init", "--quiet", "--bare", "--initial-branch", "main", origin]);
  await run(origin, ["config", "http.receivepack", "true"]);
  await git("init", "--quiet", "--initial-branch", "main");
  writeFileSync(join(root, PATH), "two\n");
  await git("add", ".");
  await git("commit", "--quiet", "-m", "start");
  const server = await serveGit(base);
  closing.unshift(() => server.close());
  await git("remote", "add", "origin", transport === "http" ? server.url("origin.git") : origin);
  await git("push", "--quiet", "origin", "main");
  const store = join(base, "store");
  const review = new PlainGit({ root, store });
  const branch = new RemoteCapacityBranch({ root, store, remote: "origin", review });
  const publish = (text: string) => branch.publish({ path: PATH, text, message: "m [skip ci]\n", at: 1_800_000_000 });
  /** In the remote's own repository. */
  const there = (...args: string[]) => run(origin, args);
  return { root, base, git, there, publish, server, store };
}

for (const transport of ["file", "http"] as const)
  describe(`the branch for people, over ${transport}`, () => {
    it("goes on top of the remote's branch, with the capacity file alone, and leaves everything here as it is", async () => {
      const { git, there, publish } = await place(transport);
      const main = await there("rev-parse", "main");
      // Somebody's commit that was never pushed, and work in progress.
      await git("commit", "--quiet", "--allow-empty", "-m", "not yet pushed");
      const local = await git("rev-parse", "main");
      const commit = await publish("three\n");
      assert.equal(await there("rev-parse", BRANCH), commit);
      assert.equal(await there("rev-parse", `${BRANCH}^`), main);
      assert.equal(await there("diff", "--name-only", "main", BRANCH), PATH);
      assert.equal(await there("show", `${BRANCH}:${PATH}`), "three");
      assert.deepEqual([await git("rev-parse", "main"), await git("status", "--short")], [local, ""]);
      assert.equal(await there("rev-parse", "main"), main);
    });

    it("follows itself until it was merged, and says nothing twice", async () => {
      const { there, publish } = await place(transport);
      const first = await publish("three\n");
      assert.equal(await publish("three\n"), undefined);
      const second = await publish("four\n");
      assert.equal(await there("rev-parse", `${second}^`), first);
      const tree = await there("rev-parse", `${second}^{tree}`);
      const merge = await there("commit-tree", tree, "-p", "main", "-p", second!, "-m", "merge");
      await there("update-ref", "refs/heads/main", merge);
      assert.equal(await publish("four\n"), undefined);
      const third = await publish("five\n");
      assert.equal(await there("rev-parse", `${third}^`), merge);
    });
  });

describe("a remote", () => {
  it("out of reach is an error that says so, and nothing is lost", async () => {
    const { server, there, publish } = await place("http");
    server.state.down = true;
    await assert.rejects(publish("three\n"), ReviewHostError);
    server.state.down = false;
    const commit = await publish("three\n");
    assert.equal(await there("rev-parse", BRANCH), commit);
    assert.equal(server.state.pushes >= 2, true, "the project's own push went over the server as well");
  });

  it("whose branch counts is proposed to, pushed to and merged in over HTTP", async () => {
    const { root, store, git, there } = await place("http");
    const host = new PlainGit({ root, store, remote: "origin" });
    const head = await host.head();
    const proposal = {
      changeset: "c1",
      parent: head,
      path: PATH,
      text: "three\n",
      subject: "s",
      body: "",
      at: 1_800_000_000,
    };
    const commit = await host.propose({ ...proposal, trailers: [["Foreshadow-Changeset", "c1"]] });
    assert.equal(await host.landed("c1", head), undefined);
    // A person merges it elsewhere.
    await git("push", "--quiet", "origin", "refs/foreshadow/c1:refs/heads/proposal");
    await there("update-ref", "refs/heads/main", commit);
    assert.equal(await host.landed("c1", head), commit);
    const next = await host.propose({ ...proposal, changeset: "c2", parent: commit, text: "four\n", trailers: [] });
    assert.equal((await host.push(next, commit)).outcome, "pushed");
    assert.equal(await there("show", `main:${PATH}`), "four");
    assert.equal((await host.push(commit, head)).outcome, "pushed", "what is in the branch's history is there");
    const late = await host.propose({ ...proposal, changeset: "c3", text: "five\n", trailers: [] });
    assert.deepEqual(await host.push(late, head), { outcome: "moved", head: next });
  });
});
