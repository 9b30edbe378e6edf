import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { probeCgroups, quota } from "./cgroup.ts";

/** A tree as a host has it below /sys/fs/cgroup: files by path, as captured. The kernel makes a group's files; here they are given. */
function tree(files: Record<string, string>): { root: string; read: (path: string) => string } {
  const root = mkdtempSync(join(tmpdir(), "cgroup-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return { root, read: (path) => readFileSync(join(root, path), "utf8") };
}

const GROUP = "foreshadow/web/replica-1";

const DONE = { problems: [], occupied: false };

const VERSION_1 = {
  "cpu/cgroup.procs": "",
  "cpuacct/cgroup.procs": "",
  "memory/cgroup.procs": "",
  "blkio/cgroup.procs": "",
  "unified/cgroup.procs": "",
  [`cpu/${GROUP}/cpu.cfs_period_us`]: "100000\n",
  [`cpu/${GROUP}/cpu.cfs_quota_us`]: "-1\n",
  [`memory/${GROUP}/memory.limit_in_bytes`]: "9223372036854771712\n",
};

const VERSION_2 = {
  "cgroup.controllers": "cpuset cpu io memory hugetlb pids\n",
  "cgroup.procs": "",
  "cgroup.subtree_control": "cpu io memory pids\n",
  "foreshadow/cgroup.subtree_control": "cpu io memory\n",
  "foreshadow/web/cgroup.subtree_control": "cpu io memory\n",
  [`${GROUP}/cpu.max`]: "max 100000\n",
  [`${GROUP}/memory.max`]: "max\n",
  [`${GROUP}/memory.stat`]: "anon 52428800\nfile 10485760\n",
};

test("version 1: limits are written where they belong, and taken back", () => {
  const { root, read } = tree(VERSION_1);
  const { driver } = probeCgroups(root);
  assert.equal(driver?.version, 1);
  assert.deepEqual(driver?.limit(`/${GROUP}`, { cpu: 0.25, memory: 134_217_728 }), DONE);
  assert.equal(read(`cpu/${GROUP}/cpu.cfs_quota_us`), "25000");
  assert.equal(read(`memory/${GROUP}/memory.limit_in_bytes`), "134217728");
  driver?.limit(`/${GROUP}`, { cpu: null, memory: null });
  assert.equal(read(`cpu/${GROUP}/cpu.cfs_quota_us`), "-1");
});

test("version 1: a worker joins its own group, but for disk limits the pool's", () => {
  const { root } = tree(VERSION_1);
  const files = probeCgroups(root).driver?.join(`/${GROUP}`, "/foreshadow/web");
  assert.deepEqual(
    files?.map((file) => file.slice(root.length + 1)),
    [`cpu/${GROUP}`, `cpuacct/${GROUP}`, `memory/${GROUP}`, `unified/${GROUP}`, "blkio/foreshadow/web"].map(
      (path) => `${path}/cgroup.procs`,
    ),
  );
});

test("version 2: limits are written in its words", () => {
  const { root, read } = tree(VERSION_2);
  const { driver } = probeCgroups(root);
  assert.equal(driver?.version, 2);
  assert.deepEqual(driver?.degraded, []);
  assert.deepEqual(driver?.limit(`/${GROUP}`, { cpu: 0.25, memory: 134_217_728 }), DONE);
  assert.equal(read(`${GROUP}/cpu.max`), "25000 100000");
  assert.equal(read(`${GROUP}/memory.max`), "134217728");
});

test("version 2: memory that a worker occupies is not taken from under it", () => {
  const { root, read } = tree(VERSION_2);
  const result = probeCgroups(root).driver?.limit(`/${GROUP}`, { cpu: null, memory: 40 * 1024 ** 2 });
  assert.deepEqual(result, { problems: [], occupied: true });
  assert.equal(read(`${GROUP}/memory.max`), "max\n");
});

test("a controller that is not handed down is reported as missing", () => {
  const { root } = tree({ "cgroup.controllers": "hugetlb\n", "cgroup.procs": "", "cgroup.subtree_control": "" });
  const { driver } = probeCgroups(root);
  assert.equal(driver?.degraded.length, 2);
  assert.match(driver?.degraded.join() ?? "", /cpu.*memory/);
});

test("a host without cgroups has a reason and no driver", () => {
  const { driver, reason } = probeCgroups(join(tmpdir(), "there-is-no-such-tree"));
  assert.equal(driver, undefined);
  assert.match(reason ?? "", /no cgroup hierarchy/);
});

test("a quota is never below what the kernel accepts", () => {
  assert.equal(quota(0.001), 1000);
  assert.equal(quota(1.5), 150_000);
});
