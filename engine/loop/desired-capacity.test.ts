import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workload } from "../../model/project.ts";
import { DesiredCapacity } from "./desired-capacity.ts";

const FILE =
  "version: 1\na:\n  owns: desired\n  replicas: { count: 1 }\n  perReplica: { cpu: 1 }\nb:\n  owns: desired\n  replicas: { count: 2 }\n  perReplica: { cpu: 1 }\n";

function workload(name: string, stack = "dev") {
  return { name, stack: { dir: ".", name: stack } } as Workload;
}

function setUp(read: (commit: string, path: string) => string | undefined) {
  const calls: string[] = [];
  let head = "c1";
  const desired = new DesiredCapacity({
    head: async () => {
      calls.push("head");
      return head;
    },
    read: async (commit, path) => {
      calls.push(`${commit} ${path}`);
      return read(commit, path);
    },
  });
  return { desired, calls, move: (to: string) => (head = to) };
}

test("workloads of one stack share a look at the branch and a read of the file", async () => {
  const { desired, calls } = setUp(() => FILE);
  desired.beginTick();
  const found = await Promise.all([desired.of(workload("a")), desired.of(workload("b"))]);
  assert.deepEqual(
    found.map(({ replicas }) => replicas),
    [{ count: 1 }, { count: 2 }],
  );
  assert.deepEqual(calls, ["head", "c1 capacity/dev.yaml"]);
});

test("a file is read again only when the branch has moved", async () => {
  const { desired, calls, move } = setUp((commit) => (commit === "c1" ? FILE : FILE.replace("count: 1", "count: 7")));
  await desired.of(workload("a"));
  desired.beginTick();
  await desired.of(workload("a"));
  move("c2");
  desired.beginTick();
  assert.deepEqual((await desired.of(workload("a"))).replicas, { count: 7 });
  assert.deepEqual(calls, ["head", "c1 capacity/dev.yaml", "head", "head", "c2 capacity/dev.yaml"]);
});

test("a file that a new commit leaves as it was is not parsed again", async () => {
  const { desired, move } = setUp(() => FILE);
  const before = await desired.of(workload("a"));
  move("c2");
  desired.beginTick();
  assert.equal(await desired.of(workload("a")), before);
});

test("what could not be read is tried again", async () => {
  let broken = true;
  const { desired } = setUp(() => {
    if (broken) throw new Error("out of reach");
    return FILE;
  });
  await assert.rejects(desired.of(workload("a")), /out of reach/);
  broken = false;
  assert.deepEqual((await desired.of(workload("a"))).replicas, { count: 1 });
});

test("a workload that the branch does not have is named, with what to do", async () => {
  const { desired } = setUp((_, path) => (path === "capacity/dev.yaml" ? FILE : undefined));
  await assert.rejects(desired.of(workload("c")), /capacity\/dev\.yaml: expected the workload c .* no such workload/);
  await assert.rejects(desired.of(workload("a", "other")), /no such file; commit it/);
});
