import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { UsageVector } from "../../model/vector.ts";
import { FakeHost, SECOND, tick } from "../fixtures/fake-host.ts";
import type { AgentWorkload } from "../options.ts";
import { CgroupSampler } from "./cgroup-sampler.ts";
import type { Sampling } from "./sampling.ts";
import { sharedNamespaces } from "./shared-namespaces.ts";
import { WorkloadSampler, wholeVector } from "./workload-sampler.ts";

const HOST_NAMESPACE = "net:[1]";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

function sampler(select: AgentWorkload["select"], limits?: AgentWorkload["limits"]): WorkloadSampler {
  return new WorkloadSampler({ name: "web", select, limits }, HOST_NAMESPACE);
}

function vector(
  workload: WorkloadSampler,
  sampling: Sampling,
  number: number,
  shared = new Set<string>(),
): UsageVector {
  const moment = { at: 1.8e9 + number, host: "h", uptime: 10_000, shared, exits: "not told" };
  return wholeVector(workload.sample(sampling, tick(number), moment));
}

function busy(pid: number, seconds: number, more: object = {}): void {
  host.process({
    pid,
    threads: [{ tid: pid, run: seconds * SECOND, wait: seconds * SECOND }],
    userTime: seconds * 100,
    ...more,
  });
}

function version2(at: { cpu: number; memory: number; inactive: number; read: number; written: number; pids: string }) {
  host.write("cgroup/cgroup.controllers", "cpu io memory\n");
  host.write("cgroup/web/cgroup.procs", "");
  host.write("cgroup/web/replica-1/cgroup.procs", at.pids);
  host.write("cgroup/web/replica-2/cgroup.procs", "12\n");
  host.write("cgroup/web/replica-3/cgroup.procs", "");
  host.write("cgroup/web/cpu.stat", `usage_usec ${at.cpu * 1e6}\nuser_usec 1\nsystem_usec 1\nnr_throttled 5\n`);
  host.write("cgroup/web/memory.current", `${at.memory}\n`);
  host.write("cgroup/web/memory.stat", `anon 5\nfile 6\nactive_file 3\ninactive_file ${at.inactive}\n`);
  host.write("cgroup/web/memory.max", "1000000\n");
  host.write(
    "cgroup/web/io.stat",
    `8:0 rbytes=${at.read} wbytes=${at.written} rios=10 wios=${at.written / 10} dbytes=0 dios=0\n`,
  );
  host.write("cgroup/web/io.max", "8:0 rbps=max wbps=5000 riops=max wiops=500\n");
}

test("version 2: the cgroup's own figures are the workload's, its children its replicas", () => {
  busy(11, 1);
  busy(12, 1);
  version2({ cpu: 50, memory: 800_000, inactive: 300_000, read: 0, written: 0, pids: "11\n" });
  const sampling = host.sampling();
  const workload = sampler({ cgroup: "/web" });
  workload.useCgroup(CgroupSampler.find(sampling, "/web", undefined));
  const first = vector(workload, sampling, 1);
  assert.deepEqual(Object.keys(first.usage), ["memory"], "nothing has a rate yet");
  busy(11, 1.25);
  busy(12, 1.25);
  version2({ cpu: 50.75, memory: 990_000, inactive: 20_000, read: 700, written: 4900, pids: "11\n" });
  const second = vector(workload, sampling, 2);
  assert.equal(second.replicas, 2);
  near(second.usage.cpu, 0.75);
  near(second.demand.cpu, 0.75 + 2 * (0.25 / 0.75 - 0.25));
  assert.equal(second.usage.memory, 970_000);
  assert.equal(second.usage.disk_read, 700);
  assert.equal(second.usage.disk_write, 4900);
  assert.deepEqual(second.censored, ["memory", "disk_write", "disk_write_operations"], "all are at their limits");
  const shortLived = second.processes.find(({ executable }) => executable === "short-lived");
  near(shortLived?.usage.cpu, 0.25);
});

function version1(seconds: number, pids: string) {
  const reads = seconds * 10;
  for (const controller of ["cpu", "cpuacct", "memory", "blkio"])
    host.write(`cgroup/${controller}/cgroup.procs`, "1\n");
  for (const controller of ["cpuacct", "memory", "blkio"]) host.write(`cgroup/${controller}/web/cgroup.procs`, pids);
  host.write("cgroup/cpu/web/cgroup.procs", "");
  host.write("cgroup/cpuacct/web/cpuacct.usage", `${seconds * SECOND}\n`);
  host.write("cgroup/memory/web/memory.usage_in_bytes", "900000\n");
  host.write("cgroup/memory/web/memory.limit_in_bytes", "9223372036854771712\n");
  host.write("cgroup/memory/web/memory.stat", "cache 1\ninactive_file 999\ntotal_inactive_file 100000\n");
  host.write("cgroup/blkio/web/blkio.throttle.io_service_bytes_recursive", `8:0 Read ${reads}\n8:0 Write 0\nTotal 0\n`);
  host.write("cgroup/blkio/web/blkio.throttle.io_serviced_recursive", `8:0 Read ${reads}\n8:0 Write 0\nTotal 0\n`);
}

test("version 1: each figure from its own hierarchy, writes from the processes", () => {
  busy(11, 0, { io: { read: 0, written: 0 } });
  version1(10, "11\n");
  const sampling = host.sampling();
  const workload = sampler({ cgroup: "/web" });
  workload.useCgroup(CgroupSampler.find(sampling, "/web", undefined));
  vector(workload, sampling, 1);
  busy(11, 0.5, { io: { read: 100, written: 7777 } });
  version1(10.5, "11\n");
  const { usage, censored, missing, replicas } = vector(workload, sampling, 2);
  near(usage.cpu, 0.5);
  assert.equal(usage.memory, 800_000);
  assert.equal(usage.disk_write, 7777);
  near(usage.disk_read_operations, 5);
  assert.equal(usage.disk_write_operations, undefined);
  assert.ok(missing.some(({ metric, reason }) => metric === "disk_write_operations" && reason.includes("version 1")));
  assert.deepEqual(censored, [], "2^63 is no limit");
  assert.equal(replicas, 1);
});

test("an idle process whose cgroup shows CPU time is looked at at once", () => {
  busy(11, 0);
  version1(10, "11\n");
  const sampling = host.sampling();
  const workload = sampler({ cgroup: "/web" });
  workload.useCgroup(CgroupSampler.find(sampling, "/web", undefined));
  for (let number = 1; number <= 5; number++) vector(workload, sampling, number);
  busy(11, 0.4);
  version1(10.4, "11\n");
  near(vector(workload, sampling, 6).demand.cpu, 0.4 / 0.6);
});

test("a cgroup that is no more is a gap with a reason, not a zero", () => {
  busy(11, 0);
  version1(10, "11\n");
  const sampling = host.sampling();
  const workload = sampler({ cgroup: "/web" });
  workload.useCgroup(CgroupSampler.find(sampling, "/web", undefined));
  vector(workload, sampling, 1);
  for (const controller of ["cpu", "cpuacct", "memory", "blkio"])
    rmSync(join(host.cgroupRoot, controller, "web"), { recursive: true });
  const { usage, demand, missing, replicas } = vector(workload, sampling, 2);
  assert.deepEqual([usage, demand, replicas], [{}, {}, 0]);
  assert.ok(missing.some(({ metric, reason }) => metric === "cpu" && reason.includes("no process")));
});

test("without a cgroup the processes' sums are the workload's, parents outside it its replicas", () => {
  const write = (seconds: number) => {
    busy(11, seconds, { parent: 1, resident: 10 });
    busy(12, seconds, { parent: 11, resident: 20 });
    busy(13, seconds, { parent: 1, resident: 30 });
  };
  write(0);
  const sampling = host.sampling();
  const workload = sampler({ executable: "web" });
  workload.useProcesses(new Set([11, 12, 13, 99]));
  vector(workload, sampling, 1);
  write(0.2);
  const { usage, demand, replicas } = vector(workload, sampling, 2);
  near(usage.cpu, 0.6);
  near(demand.cpu, 3 * (0.2 / 0.8));
  assert.equal(usage.memory, 60 * 4096);
  assert.equal(replicas, 2);
});

test("one process whose io is hidden leaves the workload's disk absent: a part is not the whole", () => {
  const write = (seconds: number) => {
    busy(11, seconds, { io: { read: seconds * 100, written: 0 } });
    busy(12, seconds, { io: null });
  };
  write(0);
  const sampling = host.sampling();
  const workload = sampler({ executable: "web" });
  workload.useProcesses(new Set([11, 12]));
  vector(workload, sampling, 1);
  write(1);
  const { usage, missing } = vector(workload, sampling, 2);
  assert.equal(usage.disk_read, undefined);
  const reason = missing.find(({ metric }) => metric === "disk_read")?.reason;
  assert.match(reason ?? "", /1 of 2 processes/);
});

function traffic(received: number, transmitted: number): string {
  const line = (name: string, rx: number, tx: number) => `${name}: ${rx} 1 0 0 0 0 0 0 ${tx} 1 0 0 0 0 0 0\n`;
  return line("lo", 1e9, 1e9) + line("eth0", received, transmitted);
}

test("processes that share a network namespace count once", () => {
  const write = (bytes: number) => {
    for (const pid of [11, 12]) host.process({ pid, namespace: "net:[2]", netDev: traffic(bytes, 2 * bytes) });
    host.process({ pid: 13, namespace: "net:[3]", netDev: traffic(10 * bytes, 0) });
  };
  write(1000);
  const sampling = host.sampling();
  const workload = sampler({ executable: "web" }, { network: 5600 });
  workload.useProcesses(new Set([11, 12, 13]));
  assert.equal(vector(workload, sampling, 1).usage.network_receive, undefined);
  write(1500);
  const { usage, censored } = vector(workload, sampling, 2);
  assert.equal(usage.network_receive, 500 + 5000);
  assert.equal(usage.network_transmit, 1000);
  assert.deepEqual(censored, ["network_receive"]);
});

test("traffic in the host's namespace, or in one that two workloads share, is nobody's", () => {
  host.process({ pid: 11, namespace: HOST_NAMESPACE });
  host.process({ pid: 12, namespace: "net:[2]" });
  const sampling = host.sampling();
  const [a, b] = [sampler({ executable: "web" }), sampler({ executable: "web" })];
  a.useProcesses(new Set([11]));
  const reason = ({ missing }: UsageVector) => missing.find(({ metric }) => metric === "network_receive")?.reason;
  assert.equal(reason(vector(a, sampling, 1)), "shares the host's network namespace");
  a.useProcesses(new Set([12]));
  b.useProcesses(new Set([12]));
  vector(a, sampling, 2);
  vector(b, sampling, 2);
  const shared = sharedNamespaces([a.network.namespaces(), b.network.namespaces()], HOST_NAMESPACE);
  assert.equal(reason(vector(a, sampling, 3, new Set(shared))), "shares its network namespace with another workload");
});

test("a process on its way into its namespace does not hide the others' traffic", () => {
  host.process({ pid: 11, namespace: "net:[2]", netDev: traffic(0, 0) });
  const sampling = host.sampling();
  const workload = sampler({ executable: "web" });
  workload.useProcesses(new Set([11]));
  vector(workload, sampling, 1);
  host.process({ pid: 11, namespace: "net:[2]", netDev: traffic(70, 0) });
  host.process({ pid: 12, namespace: HOST_NAMESPACE });
  workload.useProcesses(new Set([11, 12]));
  assert.equal(vector(workload, sampling, 2).usage.network_receive, 70);
  host.process({ pid: 12, namespace: "net:[2]", netDev: traffic(70, 0) });
  vector(workload, sampling, 3);
  host.process({ pid: 11, namespace: "net:[2]", netDev: traffic(100, 0) });
  assert.equal(vector(workload, sampling, 4).usage.network_receive, 30);
});

function near(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-6, `${actual} is not ${expected}`);
}

test("what a process uses in its warm-up is usage and no demand", () => {
  const born = (at: number) => ({ parent: 1, startTime: at * 100 });
  busy(11, 0, born(10_000 - 100));
  busy(12, 0, born(10_000 - 1));
  const sampling = host.sampling();
  const workload = sampler({ executable: "web", warmUp: 5 });
  workload.useProcesses(new Set([11, 12]));
  vector(workload, sampling, 1);
  busy(11, 0.2, born(10_000 - 100));
  busy(12, 0.5, born(10_000 - 1));
  const { usage, demand } = vector(workload, sampling, 2);
  near(usage.cpu, 0.7);
  near(demand.cpu, 0.2 / 0.8);
});
