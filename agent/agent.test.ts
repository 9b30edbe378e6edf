import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { InputError } from "../model/input-error.ts";
import { ListenError } from "../model/listen-address.ts";
import type { UsageVector } from "../model/vector.ts";
import { runAgent } from "./agent.ts";
import { FakeHost } from "./fixtures/fake-host.ts";
import type { AgentOptions } from "./options.ts";

let host: FakeHost;
let options: AgentOptions;
beforeEach(() => {
  host = new FakeHost();
  host.process({ pid: 10 });
  options = {
    workloads: [
      { name: "web", select: { executable: "web", volume: host.directory } },
      { name: "none", select: { executable: "nobody" } },
    ],
    procRoot: host.procRoot,
    cgroupRoot: host.cgroupRoot,
    host: "h1",
    interval: 0.02,
    endpoint: null,
    listen: null,
  };
});
afterEach(() => host.close());

test("each interval has one vector of each workload, found or not", async () => {
  const stop = new AbortController();
  const ticks: (readonly UsageVector[])[] = [];
  const onVectors = (vectors: readonly UsageVector[]) => {
    ticks.push(vectors);
    if (ticks.length === 5) stop.abort();
  };
  await runAgent({ ...options, onVectors }, stop.signal);
  assert.equal(ticks.length, 5);
  for (const [web, none] of ticks) {
    assert.deepEqual([web.workload, web.host, web.replicas, none.workload, none.replicas], ["web", "h1", 1, "none", 0]);
    assert.deepEqual(none.usage, {});
    assert.ok(web.interval > 0.01, `${web.interval}`);
  }
  const [web] = ticks[4];
  assert.equal(web.usage.cpu, 0);
  assert.ok(web.usage.disk_used! > 0);
  const [first, last] = [ticks[0][0].at, ticks[4][0].at];
  const passed = ticks.slice(1).reduce((sum, [vector]) => sum + vector.interval, 0);
  assert.ok(Math.abs(last - first - passed) < 0.05, "intervals add up to the time that passed");
});

test("/metrics is served while it runs, and not afterwards", async () => {
  const stop = new AbortController();
  let page = "";
  let port = 0;
  const onListening = async (got: number) => {
    port = got;
    while (!page.includes("foreshadow_replicas"))
      page = await fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text());
    stop.abort();
  };
  await runAgent({ ...options, listen: "127.0.0.1:0", onListening }, stop.signal);
  assert.match(page, /^foreshadow_replicas\{foreshadow_workload="web"\} 1$/m);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`));
});

test("a port in use and an address beyond loopback are refused at the start", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const never = new AbortController().signal;
  await assert.rejects(runAgent({ ...options, listen: `127.0.0.1:${port}` }, never), ListenError);
  await assert.rejects(runAgent({ ...options, listen: "0.0.0.0:9477" }, never), InputError);
  other.close();
});

test("an agent that is told to stop before it starts does nothing", async () => {
  await runAgent({ ...options, onVectors: () => assert.fail("it measured") }, AbortSignal.abort());
});
