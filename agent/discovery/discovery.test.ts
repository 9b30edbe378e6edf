import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { Selector } from "../../model/project.ts";
import { FakeHost, tick } from "../fixtures/fake-host.ts";
import { WorkloadSampler } from "../sample/workload-sampler.ts";
import { Discovery } from "./discovery.ts";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

/** A discovery of one workload, and the pids that a sample has after each look. */
function discoverer(select: Selector, uptime = 10_000): () => number[] {
  const sampling = host.sampling();
  const sampler = new WorkloadSampler({ name: "web", select }, "net:[1]");
  const discovery = new Discovery(sampling, [sampler]);
  let number = 0;
  return () => {
    discovery.run(uptime);
    const moment = { at: 0, host: "h", uptime, shared: new Set<string>(), exits: "not told" };
    const { processes } = sampler.sample(sampling, tick(++number), moment);
    return processes.map(({ identity }) => identity.pid).sort((a, b) => a - b);
  };
}

const LISTENING =
  "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n";

test("an executable's processes and all their descendants are the workload", () => {
  host.process({ pid: 10, executable: "/usr/sbin/nginx" });
  host.process({ pid: 11, executable: "/usr/bin/php", parent: 10 });
  host.process({ pid: 12, executable: "/bin/sh", parent: 11 });
  host.process({ pid: 20, executable: "/usr/sbin/other" });
  assert.deepEqual(discoverer({ executable: "/usr/sbin/nginx" })(), [10, 11, 12]);
  assert.deepEqual(discoverer({ executable: "nginx" })(), [10, 11, 12], "by name alone");
  assert.deepEqual(discoverer({ executable: "/sbin/nginx" })(), [], "a path is the whole path");
});

test("a young process that becomes another program is found under it", () => {
  host.process({ pid: 10, executable: "/bin/sh", startTime: 9_999 * 100 });
  const look = discoverer({ executable: "/usr/bin/web" });
  assert.deepEqual(look(), []);
  host.process({ pid: 10, executable: "/usr/bin/web", startTime: 9_999 * 100 });
  assert.deepEqual(look(), [10]);
});

test("a port's workload is who holds the listening socket, in whatever namespace", () => {
  host.process({ pid: 10, namespace: "net:[2]", tcp: LISTENING, descriptors: ["/dev/null", "socket:[4711]"] });
  host.process({ pid: 11, parent: 10, namespace: "net:[2]", tcp: LISTENING, descriptors: ["socket:[99]"] });
  host.process({ pid: 12, descriptors: ["socket:[4712]"] });
  assert.deepEqual(discoverer({ port: 8080 })(), [10, 11]);
  assert.deepEqual(discoverer({ port: 8081 })(), []);
});

test("a socket that an old process opens later is found when it listens", () => {
  host.process({ pid: 10, namespace: "net:[2]", descriptors: ["socket:[4711]"] });
  const look = discoverer({ port: 8080 });
  assert.deepEqual(look(), []);
  host.process({ pid: 10, namespace: "net:[2]", tcp: LISTENING, descriptors: ["socket:[4711]"] });
  assert.deepEqual(look(), [10]);
});

test("a pid file is read at each look, and its process's descendants belong to it", () => {
  host.process({ pid: 10 });
  host.process({ pid: 11, parent: 10 });
  host.process({ pid: 20 });
  const pidFile = join(host.directory, "web.pid");
  const look = discoverer({ pidFile });
  assert.deepEqual(look(), [], "there is none yet");
  host.write("web.pid", "10\n");
  assert.deepEqual(look(), [10, 11]);
  host.write("web.pid", "20");
  assert.deepEqual(look(), [20]);
  host.write("web.pid", "rubbish -1 0 99999999999999");
  assert.deepEqual(look(), []);
});

test("several conditions have to be met together", () => {
  host.process({ pid: 10, executable: "/usr/bin/web" });
  host.process({ pid: 11, executable: "/usr/bin/web" });
  host.write("web.pid", "10");
  assert.deepEqual(discoverer({ executable: "web", pidFile: join(host.directory, "web.pid") })(), [10]);
});

test("a cgroup's workload is all in it and below; one that comes later is found later", () => {
  host.process({ pid: 10 });
  host.process({ pid: 11, parent: 99 });
  host.write("cgroup/cgroup.controllers", "cpu\n");
  const look = discoverer({ cgroup: "/a/web" });
  assert.deepEqual(look(), []);
  host.write("cgroup/a/web/cgroup.procs", "10\n");
  host.write("cgroup/a/web/deep/er/cgroup.procs", "11\n");
  host.write("cgroup/a/web/deep/cgroup.procs", "");
  assert.deepEqual(look(), [10, 11]);
});

test("a cgroup path does not lead out of the hierarchy", () => {
  host.write("cgroup/cgroup.controllers", "cpu\n");
  host.write("outside/cgroup.procs", "1\n");
  assert.deepEqual(discoverer({ cgroup: "/../outside" })(), []);
});

test("a systemd unit is found by its cgroup's name, with or without the suffix", () => {
  host.process({ pid: 10 });
  host.write("cgroup/cgroup.controllers", "cpu\n");
  host.write("cgroup/system.slice/cgroup.procs", "");
  host.write("cgroup/system.slice/nginx.service/cgroup.procs", "10\n");
  assert.deepEqual(discoverer({ systemd: "nginx" })(), [10]);
  assert.deepEqual(discoverer({ systemd: "nginx.service" })(), [10]);
  assert.deepEqual(discoverer({ systemd: "apache" })(), []);
});

const [FIRST, SECOND] = ["1a".repeat(32), "2b".repeat(32)];

function dockerContainer(id: string, name: string, pids: string): void {
  host.write("cgroup/cgroup.controllers", "cpu memory\n");
  host.write("cgroup/cgroup.procs", "1\n");
  host.write(`cgroup/docker/${id}/cgroup.procs`, pids);
  host.write(`cgroup/docker/${id}/memory.current`, "4096\n");
  host.write(`cgroup/docker/${id}/memory.stat`, "inactive_file 0\n");
  host.write(`var/lib/docker/containers/${id}/config.v2.json`, JSON.stringify({ Name: `/${name}` }));
}

test("a container that is started anew goes on as the same workload", () => {
  host.process({ pid: 10 });
  dockerContainer(FIRST, "web", "10\n");
  const look = discoverer({ container: { name: "web" } });
  assert.deepEqual(look(), [10]);
  rmSync(join(host.directory, `cgroup/docker/${FIRST}`), { recursive: true });
  host.remove(10);
  assert.deepEqual(look(), []);
  host.process({ pid: 20 });
  dockerContainer(SECOND, "web", "20\n");
  assert.deepEqual(look(), [20]);
});

test("several containers of one name pattern are one workload, each a replica", () => {
  host.process({ pid: 10 });
  host.process({ pid: 20 });
  host.process({ pid: 21, parent: 20 });
  host.process({ pid: 30 });
  dockerContainer(FIRST, "web-1", "10\n");
  dockerContainer(SECOND, "web-2", "20\n21\n");
  dockerContainer("3c".repeat(32), "db", "30\n");
  const look = discoverer({ container: { name: "web-*" } });
  assert.deepEqual(look(), [10, 20, 21]);
  rmSync(join(host.directory, `cgroup/docker/${FIRST}`), { recursive: true });
  assert.deepEqual(look(), [20, 21], "one that is left is measured by its cgroup");
});
