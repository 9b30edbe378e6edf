import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeHost } from "../fixtures/fake-host.ts";
import { hostWorkloads } from "./host-workloads.ts";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

/** Lines of /proc/net/tcp: local port and inode of sockets that listen. */
function listening(...sockets: [port: number, inode: number][]): string {
  const lines = sockets.map(
    ([port, inode], i) =>
      `   ${i}: 0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${inode} 1`,
  );
  return `  sl  local_address rem_address st\n${lines.join("\n")}\n`;
}

test("services of systemd, without those that every system has", () => {
  const units = { 10: "shop.service", 11: "shop.service", 12: "systemd-journald.service", 13: "ssh.service" };
  for (const [pid, unit] of Object.entries(units)) {
    host.process({ pid: Number(pid) });
    host.write(`proc/${pid}/cgroup`, `0::/system.slice/${unit}\n`);
  }
  host.process({ pid: 14 });
  host.write("proc/14/cgroup", "1:name=systemd:/system.slice/system-pg.slice/pg@main.service\n0::/\n");
  assert.deepEqual(hostWorkloads(host.procRoot), [
    { title: "pg@main", select: { systemd: "pg@main.service" }, processes: 1 },
    { title: "shop", select: { systemd: "shop.service" }, processes: 2 },
  ]);
});

test("what listens outside of them, by its lowest port; interpreters are told apart by it", () => {
  host.write(
    "proc/self/net/tcp",
    listening([8080, 1], [9090, 2], [22, 3], [3000, 4], [40_000, 5], [9100, 6], [4318, 7]),
  );
  host.process({ pid: 20, executable: "/opt/shop", descriptors: ["/dev/null", "socket:[2]", "socket:[1]"] });
  host.process({ pid: 21, executable: "/opt/shop", descriptors: ["socket:[1]"] });
  host.process({ pid: 22, executable: "/usr/bin/sshd", descriptors: ["socket:[3]"] });
  host.process({ pid: 23, executable: "/usr/bin/node", descriptors: ["socket:[4]"] });
  host.process({ pid: 24, executable: "/usr/bin/odd", descriptors: ["socket:[5]"] });
  host.process({ pid: 25, executable: "/usr/bin/prometheus-node-exporter", descriptors: ["socket:[6]"] });
  host.process({ pid: 26, executable: "/usr/bin/node", descriptors: ["socket:[7]"] });
  assert.deepEqual(hostWorkloads(host.procRoot), [
    { title: "node-3000", select: { port: 3000 }, processes: 1 },
    { title: "shop", select: { port: 8080 }, processes: 2 },
  ]);
});

test("a host of which nothing can be read has none", () => {
  assert.deepEqual(hostWorkloads("/nowhere"), []);
});
