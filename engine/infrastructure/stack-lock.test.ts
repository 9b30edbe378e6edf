import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnLock, lockOwners } from "./stack-lock.ts";

const line = (host: string, pid: number) =>
  `  file:///state/.pulumi/locks/organization/demo/dev/1.json: created by root@${host} (pid ${pid}) at 2026-11-24T08:00:00Z\n`;
const message = (...lines: string[]) =>
  `error: the stack is currently locked by ${lines.length} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n${lines.join("")}`;

describe("the owner of a lock", () => {
  it("is read from Pulumi's words", () => {
    assert.deepEqual(lockOwners(message(line("here", 42))), [
      { user: "root", host: "here", pid: 42, at: "2026-11-24T08:00:00Z" },
    ]);
  });

  it("is ours only on this host and by a pid of the operation", () => {
    const pids = new Set([42]);
    assert.equal(isOwnLock(lockOwners(message(line("here", 42))), "here", pids), true);
    assert.equal(isOwnLock(lockOwners(message(line("elsewhere", 42))), "here", pids), false);
    assert.equal(isOwnLock(lockOwners(message(line("here", 43))), "here", pids), false);
  });

  it("one foreign lock beside ours leaves both", () => {
    assert.equal(isOwnLock(lockOwners(message(line("here", 42), line("here", 7))), "here", new Set([42])), false);
  });

  it("a backend that names no owner has none of ours", () => {
    assert.equal(
      isOwnLock(lockOwners("[409] Conflict: Another update is currently in progress."), "here", new Set([42])),
      false,
    );
  });
});
