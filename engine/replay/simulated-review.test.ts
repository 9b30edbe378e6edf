import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createGit } from "../review/git.ts";
import { REMOTE, SimulatedReview } from "./simulated-review.ts";

test("a request is merged as it stands when it has been open long enough, and every push is counted", async (t) => {
  const base = mkdtempSync(join(tmpdir(), "foreshadow-simulated-review-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, "work");
  await createGit(base)(["init", "--quiet", "--initial-branch", "main", root]);
  const git = createGit(root);
  const commit = async (text: string, message: string) => {
    writeFileSync(join(root, "capacity.yaml"), text);
    await git(["add", "."]);
    await git(["commit", "--quiet", "-m", message]);
  };
  await commit("one", "Begin");
  let now = 1_800_000_000;
  const review = await SimulatedReview.create(root, join(base, "remote.git"), () => now);
  await commit("two", "web: two\n\nForeshadow-Changeset: c1\n");
  await git(["push", "--quiet", REMOTE, "HEAD:foreshadow/review/dev"]);
  const draft = { branch: "foreshadow/review/dev", base: "main", title: "web: two", body: "" };
  const { number } = await review.open({ ...draft, body: "**Do not merge yet.** Newer numbers follow." });
  assert.equal((await review.find(draft.branch, "main"))?.number, number);

  now += 300;
  await review.mergeOpenFor(300);
  assert.equal((await review.get(number)).state, "open", "its text asks to wait");
  await review.edit(number, { title: draft.title, body: "" });
  await review.mergeOpenFor(301);
  assert.equal((await review.get(number)).state, "open", "not long enough yet");
  await review.mergeOpenFor(300);
  const merged = await review.get(number);
  assert.equal(merged.state, "merged");
  assert.deepEqual(review.merges, [{ at: now, changesets: ["c1"], envelopes: [] }]);
  await git(["fetch", "--quiet", REMOTE]);
  assert.equal(await git(["show", `${merged.mergeCommit}:capacity.yaml`]), "two");
  assert.equal(await git(["rev-parse", `${REMOTE}/main`]), merged.mergeCommit);

  await git(["reset", "--quiet", "--hard", `${REMOTE}/main`]);
  await commit("three", "web: three");
  await git(["push", "--quiet", REMOTE, "main"]);
  await git(["push", "--quiet", REMOTE, ":foreshadow/review/dev"]);
  assert.deepEqual(review.pushes(), { requests: 1, base: 1 }, "taking a branch away is no push");
  assert.equal(review.mostOpen, 1);
  assert.equal(await review.find(draft.branch, "main"), undefined);
});
