import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import type { ProposedCommit } from "../orchestrator/change/review-host.port.ts";
import { PlainGit } from "./plain-git.ts";

const PATH = "capacity/dev.yaml";
const bases: string[] = [];
afterEach(() => {
  for (const base of bases.splice(0)) rmSync(base, { recursive: true, force: true });
});

function repository({ remote = false } = {}) {
  const base = mkdtempSync(join(tmpdir(), "foreshadow-git-"));
  bases.push(base);
  const root = join(base, "work");
  mkdirSync(join(root, "capacity"), { recursive: true });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@localhost", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trimEnd();
  const write = (path: string, text: string) => writeFileSync(join(root, path), text);
  git("init", "--quiet", "--initial-branch", "main");
  write(PATH, "one\n");
  write("index.ts", "program\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "start");
  if (remote) {
    git("init", "--quiet", "--bare", "--initial-branch", "main", join(base, "origin"));
    git("remote", "add", "origin", join(base, "origin"));
    git("push", "--quiet", "origin", "main");
  }
  const host = new PlainGit({ root, store: join(base, "store"), ...(remote && { remote: "origin" }) });
  const commit = (message: string) => {
    git("commit", "--quiet", "--all", "-m", message);
    return git("rev-parse", "HEAD");
  };
  return { root, git, write, host, commit, read: (path: string) => readFileSync(join(root, path), "utf8") };
}

const proposal = (parent: string, text = "two\n"): ProposedCommit => ({
  changeset: "c1",
  parent,
  path: PATH,
  text,
  subject: "web: replicas 1 → 2",
  body: "- demand rises",
  trailers: [
    ["Foreshadow-Changeset", "c1"],
    ["Foreshadow-Ledger", `7:${"a".repeat(64)}`],
  ],
  at: 1_700_000_000,
});

describe("a proposal in plain git", () => {
  it("is a commit on a reference of its own; index, files and branch stay", async () => {
    const { git, host, read } = repository();
    const head = await host.head();
    const commit = await host.propose(proposal(head));
    assert.equal(git("rev-parse", "refs/foreshadow/c1"), commit);
    assert.equal(git("diff", "--stat", head, commit).includes("1 file changed"), true);
    assert.equal(await host.read(commit, PATH), "two\n");
    assert.deepEqual([git("status", "--short"), git("rev-parse", "main"), read(PATH)], ["", head, "one\n"]);
    assert.equal(git("log", "-1", "--format=%an <%ae>", commit), "Foreshadow <foreshadow@localhost>");
  });

  it("made again is the same commit", async () => {
    const { host } = repository();
    const head = await host.head();
    assert.equal(await host.propose(proposal(head)), await host.propose(proposal(head)));
  });

  it("holds what is generated from its file too, which is no part of the program", async () => {
    const { root, git } = repository();
    const generated = {
      paths: new Set(["infra/made.json"]),
      with: (path: string, text: string) => [{ path: "infra/made.json", text: `${path}: ${text}` }],
    };
    const host = new PlainGit({ root, store: join(root, "..", "store"), generated });
    const head = await host.head();
    const stack = { dir: ".", name: "dev" };
    const program = await host.programDigest(head, stack);
    const commit = await host.propose(proposal(head));
    assert.equal(git("diff", "--name-only", head, commit), `${PATH}\ninfra/made.json`);
    assert.equal(await host.read(commit, "infra/made.json"), `${PATH}: two\n`);
    assert.equal(await host.programDigest(commit, stack), program);
    assert.equal((await host.push(commit, head)).outcome, "pushed");
    assert.equal(readFileSync(join(root, "infra/made.json"), "utf8"), `${PATH}: two\n`);
    assert.equal(git("status", "--short"), "");
  });

  it("runs no hooks and needs no configured person", async () => {
    const { root, git, host } = repository();
    for (const hook of ["pre-commit", "reference-transaction", "post-checkout"])
      writeFileSync(join(root, ".git", "hooks", hook), `#!/bin/sh\ntouch ${root}/hooked\nexit 1\n`, { mode: 0o755 });
    const head = await host.head();
    const commit = await host.propose(proposal(head));
    await host.checkout(commit, "c1");
    assert.equal((await host.push(commit, head)).outcome, "pushed");
    assert.equal(existsSync(join(root, "hooked")), false);
    assert.equal(git("rev-parse", "main"), commit);
  });

  it("a missing file is told from an empty one", async () => {
    const { host } = repository();
    const head = await host.head();
    assert.equal(await host.read(head, "capacity/other.yaml"), undefined);
    assert.equal(await host.read(await host.propose(proposal(head, "")), PATH), "");
  });
});

describe("the references of proposals", () => {
  it("are listed without the ledger's, and go when they are let go of; what was merged stays", async () => {
    const { git, host } = repository();
    const head = await host.head();
    const merged = await host.propose(proposal(head));
    await host.push(merged, head);
    await host.propose({ ...proposal(merged, "three\n"), changeset: "c2" });
    await host.anchor(`3:${"c".repeat(64)}`, 1_700_000_000);
    assert.deepEqual(await host.proposals(), ["c1", "c2"]);
    await host.forget(["c1", "long-gone"]);
    assert.deepEqual(await host.proposals(), ["c2"]);
    assert.equal(git("rev-parse", "main"), merged);
    assert.equal((await host.anchors()).length, 2);
  });
});

describe("the push", () => {
  it("moves the branch, and a clean working tree follows", async () => {
    const { git, host, read } = repository();
    const head = await host.head();
    const commit = await host.propose(proposal(head));
    assert.deepEqual(await host.push(commit, head), { outcome: "pushed", note: undefined });
    assert.deepEqual([git("rev-parse", "main"), git("status", "--short"), read(PATH)], [commit, "", "two\n"]);
    assert.equal(await host.landed("c1", head), commit);
    assert.equal(await host.landed("c", head), undefined);
  });

  it("leaves what the user is editing, and says so", async () => {
    const { git, host, write, read } = repository();
    const head = await host.head();
    write(PATH, "my own\n");
    write("index.ts", "edited\n");
    const pushed = await host.push(await host.propose(proposal(head)), head);
    assert.match((pushed as { note?: string }).note ?? "", /capacity\/dev\.yaml has uncommitted changes/);
    assert.deepEqual([read(PATH), read("index.ts")], ["my own\n", "edited\n"]);
    assert.equal(git("diff", "--cached"), "", "nothing is staged that would take the change back");
  });

  it("leaves what the user has staged, and says so", async () => {
    const { git, host, write } = repository();
    const head = await host.head();
    write(PATH, "my own\n");
    git("add", PATH);
    const pushed = await host.push(await host.propose(proposal(head)), head);
    assert.match((pushed as { note?: string }).note ?? "", /staged changes/);
    assert.equal(git("show", `:${PATH}`), "my own");
  });

  it("of a branch that moved changes nothing", async () => {
    const { git, host, write, commit } = repository();
    const head = await host.head();
    const proposed = await host.propose(proposal(head));
    write("index.ts", "another\n");
    const other = commit("other");
    assert.deepEqual(await host.push(proposed, head), { outcome: "moved", head: other });
    assert.deepEqual([git("rev-parse", "main"), git("status", "--short")], [other, ""]);
  });

  it("done again, after a crash between the branch and the working tree, mends the working tree", async () => {
    const { git, host, read } = repository();
    const head = await host.head();
    const commit = await host.propose(proposal(head));
    git("update-ref", "refs/heads/main", commit, head);
    assert.equal(git("status", "--short"), `M  ${PATH}`, "the staged change back that such a crash leaves");
    assert.equal((await host.push(commit, head)).outcome, "pushed");
    assert.deepEqual([git("status", "--short"), read(PATH)], ["", "two\n"]);
  });

  it("with a remote, the remote's branch counts, and is never overwritten", async () => {
    const { root, git, host, write, commit } = repository({ remote: true });
    const head = await host.head();
    const first = await host.propose(proposal(head));
    assert.equal((await host.push(first, head)).outcome, "pushed");
    const origin = join(root, "..", "origin");
    assert.equal(git("--git-dir", origin, "rev-parse", "main"), first);
    assert.equal(git("rev-parse", "main"), first);
    assert.equal(git("status", "--short"), "");

    const second = await host.propose({ ...proposal(first, "three\n"), changeset: "c2" });
    write("index.ts", "elsewhere\n");
    const other = commit("a colleague's");
    git("push", "--quiet", "origin", "main");
    git("reset", "--quiet", "--hard", first);
    assert.deepEqual(await host.push(second, first), { outcome: "moved", head: other });
    assert.equal(git("--git-dir", origin, "rev-parse", "main"), other);
  });

  it("with the remote out of reach knows where the branch was last seen, and does not ask again for a while", async () => {
    const { root, git } = repository({ remote: true });
    let now = 0;
    const host = new PlainGit({ root, store: join(root, "..", "store"), remote: "origin", monotonic: () => now });
    const head = await host.head();
    const [origin, away] = [join(root, "..", "origin"), join(root, "..", "away")];
    renameSync(origin, away);
    await assert.rejects(host.head(), { name: "ReviewHostError" });
    renameSync(away, origin);
    now = 9;
    await assert.rejects(host.head(), { name: "ReviewHostError" }, "it was out of reach ten seconds ago");
    assert.equal(await host.lastSeen(), head);
    now = 10;
    assert.equal(await host.head(), head);
    assert.equal(git("rev-parse", "main"), head);
  });

  describe("of what may precede a remote that is out of reach", () => {
    const place = async () => {
      const { root, git } = repository({ remote: true });
      let now = 0;
      const host = new PlainGit({ root, store: join(root, "..", "store"), remote: "origin", monotonic: () => now });
      const head = await host.head();
      const [origin, away] = [join(root, "..", "origin"), join(root, "..", "away")];
      renameSync(origin, away);
      assert.equal(await host.head({ lastSeen: true }), head);
      const commit = await host.propose(proposal(head));
      const pushed = await host.push(commit, head, { late: true });
      assert.deepEqual(pushed, {
        outcome: "pushed",
        note: "origin is out of reach; it gets this commit when it is back",
      });
      const back = () => {
        renameSync(away, origin);
        now += 10;
      };
      return { root, host, git, origin, away, head, commit, back };
    };

    it("counts here at once, and gets there when the remote is back", async () => {
      const { host, git, origin, head, commit, back } = await place();
      assert.equal(await host.lastSeen(), commit);
      assert.equal(await host.head({ lastSeen: true }), commit);
      assert.equal(await host.landed("c1", head), commit);
      assert.equal(git("rev-parse", "main"), commit);
      await assert.rejects(host.head(), { name: "ReviewHostError" });
      assert.deepEqual(await host.proposals(), ["c1"]);
      back();
      assert.equal(await host.head(), commit);
      assert.equal(git("--git-dir", origin, "rev-parse", "main"), commit);
      assert.equal(await host.lastSeen(), commit);
    });

    it("is merged with what others have pushed meanwhile", async () => {
      const { host, git, away, origin, commit, back } = await place();
      const other = elsewhere(git, away, "index.ts", "another program\n");
      back();
      const head = await host.head();
      assert.equal(git("--git-dir", origin, "rev-parse", "main"), head);
      assert.deepEqual(git("log", "-1", "--format=%P", head).split(" "), [other, commit]);
      assert.equal(await host.read(head, PATH), "two\n");
      assert.equal(await host.read(head, "index.ts"), "another program\n");
    });

    it("gives way to what others have pushed where the two contradict each other", async () => {
      const { host, git, away, origin, back } = await place();
      const other = elsewhere(git, away, PATH, "three\n");
      back();
      assert.equal(await host.head(), other);
      assert.equal(await host.lastSeen(), other);
      assert.equal(git("--git-dir", origin, "rev-parse", "main"), other);
    });
  });

  it("with the remote out of reach says what git says", async () => {
    const { root, host } = repository({ remote: true });
    rmSync(join(root, "..", "origin"), { recursive: true });
    await assert.rejects(host.head(), { name: "ReviewHostError", message: /git fetch: .*origin/s });
  });
});

/** A commit that somebody else puts on the branch of a repository that has no working tree. */
function elsewhere(git: (...args: string[]) => string, repository: string, path: string, text: string): string {
  const clone = join(repository, "..", "clone");
  git("clone", "--quiet", repository, clone);
  writeFileSync(join(clone, path), text);
  git("-C", clone, "commit", "--quiet", "--all", "--message", "Somebody else's");
  git("-C", clone, "push", "--quiet", "origin", "HEAD:main");
  return git("-C", clone, "rev-parse", "HEAD");
}

describe("what has landed", () => {
  it("is also what a merge elsewhere is said to have made, where that is on the branch", async () => {
    const { root, host, write, commit } = repository();
    const head = await host.head();
    write(PATH, "two\n");
    const squash = commit("web: replicas 1 → 2 (#7)");
    assert.equal(await host.landed("c1", head), undefined);
    const told = (merge: string) => new PlainGit({ root, store: join(root, "..", "store"), merged: async () => merge });
    assert.equal(await told(squash).landed("c1", head), squash);
    assert.equal(await told(head).landed("c1", head), undefined, "it was there before");
    assert.equal(await told("f".repeat(40)).landed("c1", head), undefined);
  });
});

describe("checkouts", () => {
  it("hold exactly the commit, whatever the working tree has", async () => {
    const { host, write } = repository();
    const head = await host.head();
    write("index.ts", "edited\n");
    const path = await host.checkout(await host.propose(proposal(head)), "c1");
    assert.equal(readFileSync(join(path, PATH), "utf8"), "two\n");
    assert.equal(readFileSync(join(path, "index.ts"), "utf8"), "program\n");
    assert.equal(await host.checkout(head, "c1"), path);
    assert.equal(readFileSync(join(path, PATH), "utf8"), "one\n");
    await host.removeCheckout("c1");
    assert.equal(existsSync(path), false);
  });

  it("half made by a crash are made again", async () => {
    const { host } = repository();
    const head = await host.head();
    const path = await host.checkout(head, "c1");
    rmSync(join(path, ".git"));
    assert.equal(readFileSync(join(await host.checkout(head, "c1"), PATH), "utf8"), "one\n");
  });
});

describe("a revert on the branch", () => {
  it("names the changeset whose commit it takes back, and who did, a merge's included", async () => {
    const { git, host, commit, write } = repository();
    const start = await host.head();
    await host.push(await host.propose(proposal(start)), start);
    const merged = await host.head();
    git("revert", "--no-edit", merged);
    assert.deepEqual(await host.reverts(merged), [{ changeset: "c1", by: "T" }]);
    const reverted = await host.head();
    const second: ProposedCommit = { ...proposal(reverted, "three\n"), changeset: "c2" };
    await host.propose({ ...second, trailers: [["Foreshadow-Changeset", "c2"]] });
    git("merge", "--quiet", "--no-ff", "--no-edit", "refs/foreshadow/c2");
    git("revert", "--no-edit", "-m", "1", "HEAD");
    write("index.ts", "another program\n");
    commit("This reverts commit 0123456789, which nobody knows");
    assert.deepEqual(await host.reverts(reverted), [{ changeset: "c2", by: "T" }]);
    assert.deepEqual(await host.reverts(await host.head()), []);
    // A branch that was rewritten.
    assert.deepEqual(await host.reverts("0".repeat(40)), []);
  });
});

describe("the digest of a program", () => {
  it("does not depend on capacity or prose, and depends on the rest", async () => {
    const { host, git, write, commit } = repository();
    const stack = { dir: ".", name: "dev" };
    const start = await host.programDigest(await host.head(), stack);
    write(PATH, "other\n");
    write("README.md", "prose\n");
    git("add", ".");
    assert.equal(await host.programDigest(commit("prose"), stack), start);
    write("index.ts", "another\n");
    assert.notEqual(await host.programDigest(commit("program"), stack), start);
  });
});

describe("anchors", () => {
  it("come from the branch and from proposals, newest first, each once", async () => {
    const { host, git, commit, write } = repository();
    const head = await host.head();
    const first = await host.propose(proposal(head));
    await host.push(first, head);
    const trailers = [["Foreshadow-Ledger", `9:${"b".repeat(64)}`]] as const;
    await host.propose({ ...proposal(first, "three\n"), changeset: "c2", trailers, at: 1_700_000_100 });
    assert.deepEqual(await host.anchors(), [`9:${"b".repeat(64)}`, `7:${"a".repeat(64)}`]);
    write("index.ts", "x\n");
    commit("no anchor");
    assert.equal((await host.anchors()).length, 2);
    assert.equal(git("for-each-ref", "--format=%(refname)", "refs/foreshadow").split("\n").length, 2);
  });

  it("of the ledger alone are a chain of commits on a reference of their own; nothing else moves", async () => {
    const { host, git, read } = repository();
    const head = git("rev-parse", "main");
    await host.anchor(`3:${"c".repeat(64)}`, 1_700_000_000);
    await host.anchor(`5:${"d".repeat(64)}:c2ln`, 1_700_000_060);
    await host.anchor(`5:${"d".repeat(64)}:c2ln`, 1_700_000_120);
    assert.deepEqual(await host.anchors(), [`5:${"d".repeat(64)}:c2ln`, `3:${"c".repeat(64)}`]);
    assert.equal(git("rev-list", "--count", "refs/foreshadow/ledger"), "2");
    assert.equal(git("ls-tree", "-r", "refs/foreshadow/ledger"), "");
    assert.deepEqual([git("status", "--short"), git("rev-parse", "main"), read(PATH)], ["", head, "one\n"]);
  });

  it("do not grow without bound, and the highest is never forgotten", async () => {
    const { root, git, host } = repository();
    const tree = git("hash-object", "-t", "tree", "-w", "/dev/null");
    // A chain as long as one may become, with its highest somewhere in it: what came after was cut off.
    const highest = `9999:${"e".repeat(64)}`;
    const stream = Array.from({ length: 1000 }, (_, i) => {
      const text = `anchor\n\nForeshadow-Ledger: ${i === 500 ? highest : `${i + 1}:${"a".repeat(64)}`}\n`;
      return `commit refs/foreshadow/ledger\ncommitter T <t@localhost> ${1_700_000_000 + i} +0000\ndata ${text.length}\n${text}\nM 040000 ${tree} \n`;
    });
    execFileSync("git", ["fast-import", "--quiet"], { cwd: root, input: stream.join("\n") });
    await host.anchor(`1001:${"f".repeat(64)}`, 1_700_001_000);
    assert.equal(git("rev-list", "--count", "refs/foreshadow/ledger"), "1");
    assert.deepEqual(await host.anchors(), [`1001:${"f".repeat(64)}`, highest]);
  });
});

describe("a project that git does not know yet", () => {
  const project = () => {
    const root = mkdtempSync(join(tmpdir(), "foreshadow-git-"));
    bases.push(root);
    return root;
  };

  it("is told to make a repository", async () => {
    const root = project();
    await assert.rejects(new PlainGit({ root, store: root }).head(), /expected a git repository, found none.*git init/);
  });

  it("is told to commit its files", async () => {
    const root = project();
    execFileSync("git", ["init", "--quiet", "--initial-branch", "main"], { cwd: root });
    await assert.rejects(
      new PlainGit({ root, store: root }).head(),
      /expected a commit on the branch main, found none/,
    );
  });

  it("is told that it has to be at the repository's root", async () => {
    const root = project();
    execFileSync("git", ["init", "--quiet", "--initial-branch", "main"], { cwd: root });
    const inside = join(root, "shop");
    mkdirSync(inside);
    await assert.rejects(new PlainGit({ root: inside, store: root }).head(), /at the root of its git repository.*shop/);
  });
});
