import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { GitLease } from "./git-lease.ts";

const directory = mkdtempSync(join(tmpdir(), "foreshadow-lease-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const git = (...args: string[]) => execFileSync("git", args, { cwd: directory, stdio: "pipe" });

describe("the record of a lease in git", () => {
  it("is changed by one of two clones that expect the same, and seen by both", async () => {
    git("init", "--quiet", "--bare", "shared");
    for (const clone of ["one", "two"]) git("clone", "--quiet", "shared", clone);
    const [one, two] = ["one", "two"].map((name) => new GitLease({ root: join(directory, name), remote: "origin" }));
    assert.deepEqual(await one.read(), { version: "" });
    const record = { holder: "h:/one", token: 1, beat: 0 };
    const written = await Promise.all([one.write(record, ""), two.write({ ...record, holder: "h:/two" }, "")]);
    assert.equal(written.filter((version) => version !== undefined).length, 1);
    const [first, second] = await Promise.all([one.read(), two.read()]);
    assert.deepEqual(first, second);
    assert.ok(written.includes(first.version));
    assert.equal(await two.write({ ...record, beat: 5 }, "f".repeat(40)), undefined);
    const renewed = await two.write({ ...record, beat: 1 }, first.version);
    assert.deepEqual(await one.read(), { version: renewed, record: { ...record, beat: 1 } });
  });

  it("may lie in the repository that the engines share", async () => {
    git("init", "--quiet", "same");
    const lease = () => new GitLease({ root: join(directory, "same"), remote: "." });
    const version = await lease().write({ holder: "a", token: 1, beat: 0 }, "");
    assert.equal(await lease().write({ holder: "b", token: 1, beat: 0 }, ""), undefined);
    assert.equal((await lease().read()).version, version);
  });

  it("that cannot be reached or is none is told", async () => {
    git("init", "--quiet", "alone");
    await assert.rejects(new GitLease({ root: join(directory, "alone"), remote: "origin" }).read(), /origin/);
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], {
      cwd: join(directory, "alone"),
      input: "hello",
      encoding: "utf8",
    }).trim();
    execFileSync("git", ["update-ref", "refs/foreshadow-engine/lease", blob], { cwd: join(directory, "alone") });
    await assert.rejects(new GitLease({ root: join(directory, "alone"), remote: "." }).read(), /expected the record/);
  });
});
