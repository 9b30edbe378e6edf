import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { capacity, findCapacityFile } from "./capacity.ts";

const root = mkdtempSync(join(tmpdir(), "capacity-"));
const file = join(root, "capacity", "dev.yaml");
mkdirSync(join(root, "capacity"));
mkdirSync(join(root, "infrastructure", "deep"), { recursive: true });
after(() => rmSync(root, { recursive: true }));
afterEach(() => {
  delete process.env.FORESHADOW_CAPACITY_FILE;
});

const WEB = `version: 1
web:
  owns: floor
  replicas: { floor: 6, ceiling: 40 }
  perReplica: { cpu: 2, memory: 4GiB }
  storage: { size: 200GiB, throughput: 250MiB/s }
  network: { bandwidth: 1Gbit/s }
job:
  owns: desired
  replicas: { count: 3 }
  perReplica: { cpu: 1 }
`;

test("figures come in bytes and per second, with the replicas by name", () => {
  writeFileSync(file, WEB);
  process.env.FORESHADOW_CAPACITY_FILE = file;
  const web = capacity("web");
  assert.deepEqual([web.count, web.floor, web.ceiling], [6, 6, 40]);
  assert.deepEqual(
    [web.perReplica.memory, web.storage.size, web.network.bandwidth],
    [4 * 1024 ** 3, 200 * 1024 ** 3, 125e6],
  );
  const job = capacity("job");
  assert.deepEqual([job.count, job.floor, job.ceiling], [3, 3, 3]);
});

test("a workload that the file does not have is named, with those it has", () => {
  writeFileSync(file, WEB);
  process.env.FORESHADOW_CAPACITY_FILE = file;
  assert.throws(() => capacity("wbe"), /dev\.yaml: expected the workload wbe, found web, job/);
});

test("the file is found from the program's directory upward", () => {
  writeFileSync(file, WEB);
  assert.equal(findCapacityFile("dev", [join(root, "infrastructure", "deep")]), file);
  assert.throws(
    () => findCapacityFile("prod", [join(root, "infrastructure")]),
    /expected capacity\/prod\.yaml .* found none in .*infrastructure/,
  );
});
