import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeHost } from "../fixtures/fake-host.ts";
import type { CgroupTraffic } from "../native/cgroup-traffic.ts";
import { PacketSampler } from "./packet-sampler.ts";

test("packets are counted from the first read on, anew in another cgroup, and a refusal is told", () => {
  const host = new FakeHost();
  const closed: string[] = [];
  let total = 100;
  const counter = (directory: string) => ({
    read: () => ({ received: total, transmitted: 2 * total }),
    close: () => void closed.push(directory),
  });
  const countPackets = (directory: string) =>
    directory === "/refused" ? "eBPF: EPERM" : (counter(directory) as unknown as CgroupTraffic);
  const sampling = { ...host.sampling(), countPackets };
  host.close();
  const packets = new PacketSampler();
  assert.deepEqual(packets.read(sampling, undefined), { reason: undefined });
  assert.equal(packets.read(sampling, "/a"), "first");
  total = 150;
  assert.deepEqual(packets.read(sampling, "/a"), { received: 50, transmitted: 100 });
  assert.equal(packets.read(sampling, "/b"), "first", "another cgroup's counters are no base");
  assert.deepEqual(closed, ["/a"]);
  assert.deepEqual(packets.read(sampling, "/refused"), { reason: "eBPF: EPERM" });
  packets.close();
  assert.deepEqual(closed, ["/a", "/b"]);
});
