import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runAgent } from "../../agent/agent.ts";
import type { UsageVector } from "../../model/vector.ts";
import { end } from "./held-back.ts";
import { LimitedCgroup } from "./limited-cgroup.ts";

const BYTES = 64 * 1024 * 1024;
const [HOST, GUEST] = ["10.213.77.1", "10.213.77.2"];
const LINK = `fs${process.pid}`;
const SENDER = `use IO::Socket::INET; <STDIN>;
my $s = IO::Socket::INET->new("${HOST}:$ARGV[0]") or die; my $b = "x" x 65536; print $s $b for 1 .. ${BYTES / 65536}; close $s; sleep 3`;

test("a cgroup's traffic is counted packet by packet, also where others share its namespace", async (context) => {
  const cgroup = LimitedCgroup.make("foreshadow-traffic", undefined);
  if (cgroup === undefined) return context.skip("needs root and a writable cgroup");
  const guest = spawn("unshare", ["--net", "sleep", "60"], { stdio: "ignore" });
  await sleep(300);
  const vectors: UsageVector[] = [];
  const stop = new AbortController();
  const server = createServer((socket) => socket.resume()).listen(0, "0.0.0.0");
  await once(server, "listening");
  try {
    if (!isolated(guest.pid!) || !connect(guest.pid!)) return context.skip("needs root, unshare and ip");
    const { port } = server.address() as { port: number };
    const inGuest = ["--target", `${guest.pid}`, "--net"];
    const sender = spawn("nsenter", [...inGuest, "perl", "-e", SENDER, `${port}`], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    cgroup.add(sender.pid!);
    const options = { workloads: [{ name: "sender", select: { cgroup: cgroup.path } }], endpoint: null, listen: null };
    const agent = runAgent({ ...options, onVectors: ([vector]) => vectors.push(vector), log: () => {} }, stop.signal);
    await sleep(1500);
    sender.stdin!.end("\n");
    await once(sender, "exit");
    const interface_ = Number(readFileSync(`/sys/class/net/${LINK}/statistics/rx_bytes`, "utf8"));
    stop.abort();
    await agent;
    if (vectors.at(-1)?.sources?.network !== "ebpf")
      return context.skip(`needs eBPF: ${JSON.stringify(vectors.at(-1)?.degraded)}`);
    const sent = vectors.reduce((sum, { usage, interval }) => sum + (usage.network_transmit ?? 0) * interval, 0);
    context.diagnostic(
      `${(sent / BYTES).toFixed(4)} of what was sent, ${(sent / interface_).toFixed(4)} of the interface's`,
    );
    assert.ok(Math.abs(sent / BYTES - 1) < 0.02, `${sent} of ${BYTES}`);
    assert.ok(Math.abs(sent / interface_ - 1) < 0.02, `${sent} of ${interface_}`);
  } finally {
    stop.abort();
    server.close();
    await end(guest);
    await cgroup.remove();
  }
});

function isolated(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync("/proc/self/ns/net");
  } catch {
    return false;
  }
}

/** A link between this namespace and another; it goes with the other. */
function connect(pid: number): boolean {
  const ip = (...args: string[]) => execFileSync("ip", args, { stdio: "ignore" });
  const inGuest = (...args: string[]) =>
    execFileSync("nsenter", ["--target", `${pid}`, "--net", "ip", ...args], { stdio: "ignore" });
  try {
    ip("link", "add", LINK, "type", "veth", "peer", "name", "guest0", "netns", `${pid}`);
    ip("address", "add", `${HOST}/30`, "dev", LINK);
    ip("link", "set", LINK, "up");
    inGuest("address", "add", `${GUEST}/30`, "dev", "guest0");
    inGuest("link", "set", "guest0", "up");
    return true;
  } catch {
    return false;
  }
}
