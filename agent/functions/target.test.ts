import assert from "node:assert/strict";
import { createServer } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { FakeHost } from "../fixtures/fake-host.ts";
import { catchesSignal } from "../kernel/caught-signals.ts";
import { isTaken, loopbackPorts } from "./loopback-ports.ts";
import { runtimeOf } from "./runtime-of.ts";
import { cpuTicks } from "./target-process.ts";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

const HEADER = "  sl  local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode\n";
const listening = (address: string, inode: number) =>
  `   0: ${address} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${inode} 1 0 100 0 0 10 0\n`;

test("a runtime is told by the executable, not by the name of a process", () => {
  const executables = ["/usr/bin/node", "/opt/node-22.1", "/usr/bin/python3.11", "/bin/dash", "/usr/bin/nodepad"];
  for (const [i, executable] of executables.entries()) host.process({ pid: 10 + i, name: "node", executable });
  assert.deepEqual(
    executables.map((_, i) => runtimeOf(host.procRoot, 10 + i)),
    ["node", "node", "python", undefined, undefined],
  );
  assert.equal(runtimeOf("/proc", process.pid), "node");
  assert.equal(runtimeOf(host.procRoot, 99), undefined);
});

test("handlers are read of the mask of caught signals", () => {
  host.write("proc/10/status", "Name:\tx\nSigBlk:\tffffffffffffffff\nSigCgt:\t0000000100004602\n");
  host.write("proc/11/status", "Name:\tx\nSigCgt:\t0000000100004402\n");
  assert.deepEqual(
    [10, 11, 12].map((pid) => catchesSignal(host.procRoot, pid, 10)),
    [true, false, false],
  );
});

test("only ports that the process holds and that loopback reaches are taken", () => {
  host.process({ pid: 10, namespace: "net:[7]", descriptors: ["socket:[1]", "socket:[2]", "socket:[3]", "pipe:[4]"] });
  host.link("proc/self/ns/net", "net:[7]");
  host.write(
    "proc/self/net/tcp",
    HEADER + listening("0100007F:1F91", 1) + listening("0500000A:1F92", 2) + listening("0100007F:1F93", 9),
  );
  host.write("proc/self/net/tcp6", HEADER + listening("00000000000000000000000001000000:1F90", 3));
  assert.deepEqual(loopbackPorts(host.procRoot, 10), [
    { host: "[::1]", port: 8080 },
    { host: "127.0.0.1", port: 8081 },
  ]);
  assert.deepEqual([isTaken(host.procRoot, 8083), isTaken(host.procRoot, 8084)], [true, false]);
});

test("a process with a network of its own is not reached by ours", () => {
  host.process({ pid: 10, namespace: "net:[8]" });
  host.link("proc/self/ns/net", "net:[7]");
  assert.throws(() => loopbackPorts(host.procRoot, 10), /a network namespace of its own/);
});

test("a port that listens here is found here", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  assert.ok(loopbackPorts("/proc", process.pid).some((one) => one.port === port && one.host === "127.0.0.1"));
  server.close();
});

test("a pid that is another's now is no target", () => {
  host.process({ pid: 10, startTime: 5000, userTime: 70, systemTime: 30 });
  const target = { procRoot: host.procRoot, pid: 10, startTime: 5000 };
  assert.equal(cpuTicks(target), 100);
  assert.throws(() => cpuTicks({ ...target, startTime: 4999 }), /it ended/);
  assert.throws(() => cpuTicks({ ...target, pid: 11 }), /it ended/);
});
