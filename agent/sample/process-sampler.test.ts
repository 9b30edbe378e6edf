import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FakeHost, type FakeProcess, SECOND, tick } from "../fixtures/fake-host.ts";
import { ProcessSampler } from "./process-sampler.ts";
import type { Sampling } from "./sampling.ts";

/** Boot was long before the fake processes' start, so that they are old. */
const UPTIME = 10_000;

let host: FakeHost;
let sampling: Sampling;
beforeEach(() => {
  host = new FakeHost();
  sampling = host.sampling();
});
afterEach(() => host.close());

function open(process: FakeProcess): ProcessSampler {
  host.process(process);
  const sampler = ProcessSampler.open(sampling, process.pid, tick(1), UPTIME);
  assert.ok(sampler);
  assert.ok(sampler.sample(sampling, tick(1), false, false));
  return sampler;
}

function thread(pid: number, run: number, wait = 0): FakeProcess["threads"] {
  return [{ tid: pid, run: run * SECOND, wait: wait * SECOND }];
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} is not ${expected}`);
}

test("demand is what would have run without the waits: run / (run + sleep)", () => {
  const sampler = open({ pid: 7, threads: thread(7, 100, 50), userTime: 10_000 });
  host.process({ pid: 7, threads: thread(7, 100.3, 50.6), userTime: 10_030 });
  sampler.sample(sampling, tick(2), false, false);
  near(sampler.cpuUsage, 0.3);
  near(sampler.cpuDemand, 0.75);
});

test("a thread that never sleeps asks for a whole core, whatever its limit lets it run", () => {
  const sampler = open({ pid: 7, threads: thread(7, 100, 50), userTime: 10_000 });
  host.process({ pid: 7, threads: thread(7, 100.1, 50.9), userTime: 10_010 });
  sampler.sample(sampling, tick(2), false, false);
  near(sampler.cpuDemand, 1);
});

test("the first read has no rates, and says so by their absence", () => {
  const sampler = open({ pid: 7, threads: thread(7, 100) });
  assert.deepEqual(Object.keys(sampler.measures().usage), ["memory"]);
  assert.equal(sampler.measures().usage.memory, 100 * 4096);
});

test("a thread never wants more than a core: what a wait books beyond the tick is carried to the next", () => {
  const sampler = open({ pid: 7, threads: thread(7, 0) });
  host.process({ pid: 7, threads: thread(7, 0.3, 0.9), userTime: 30 });
  sampler.sample(sampling, tick(2), false, false);
  near(sampler.cpuDemand, 1);
  host.process({ pid: 7, threads: thread(7, 0.6, 1.3), userTime: 60 });
  sampler.sample(sampling, tick(3), false, false);
  near(sampler.cpuDemand, 0.75);
});

test("a thread that waits on and on asks for a core all the time, and its wait is not counted again when it ends", () => {
  const sampler = open({ pid: 7, threads: thread(7, 0) });
  const at = (number: number, run: number, wait: number) => {
    const main = { tid: 7, run: run * SECOND, wait: wait * SECOND, state: "R" as const };
    host.process({ pid: 7, threads: [main], userTime: run * 100 });
    sampler.sample(sampling, tick(number), false, false);
    return sampler.cpuDemand;
  };
  near(at(2, 0.2, 0.8), 1);
  near(at(3, 0.2, 0.8), 1);
  near(at(4, 0.2, 0.8), 1);
  near(at(5, 0.5, 3.5), 1);
  near(sampler.waitTime, 0.8 + 1 + 1 + 0.7);
});

test("threads add up, and each is told", () => {
  const threads = (run: number, wait: number) => [
    { tid: 7, run: 0 },
    { tid: 8, name: "pool (1)", run: run * SECOND, wait: wait * SECOND },
    { tid: 9, name: "pool (2)", run: run * SECOND },
  ];
  const sampler = open({ pid: 7, threads: threads(5, 5), userTime: 1000 });
  host.process({ pid: 7, threads: threads(5.5, 5.25), userTime: 1100 });
  sampler.sample(sampling, tick(2), false, false);
  near(sampler.cpuUsage, 1);
  near(sampler.cpuDemand, 2 / 3 + 0.5);
  assert.deepEqual(
    sampler.measures().threads.map(({ tid, name, demand }) => [tid, name, Number(demand.cpu?.toFixed(6))]),
    [
      [7, "web", 0],
      [8, "pool (1)", 0.666667],
      [9, "pool (2)", 0.5],
    ],
  );
});

test("what a thread ran that has ended is in the process's clock ticks", () => {
  const sampler = open({ pid: 7, threads: [...thread(7, 0)!, { tid: 8, run: 0 }] });
  host.process({ pid: 7, threads: thread(7, 0.1), userTime: 60, systemTime: 10 });
  sampler.sample(sampling, tick(2), false, false);
  near(sampler.cpuUsage, 0.7);
});

test("a process that was born since the tick before counts from nothing", () => {
  host.process({ pid: 7, startTime: (UPTIME - 0.5) * 100, threads: thread(7, 0.4), userTime: 40 });
  const sampler = ProcessSampler.open(sampling, 7, tick(2), UPTIME)!;
  sampler.sample(sampling, tick(2), false, false);
  near(sampler.cpuUsage, 0.4);
});

test("a pid that another process has now is not this one", () => {
  const sampler = open({ pid: 7, startTime: 5000 });
  host.process({ pid: 7, startTime: 6000, threads: thread(7, 1) });
  assert.equal(sampler.sample(sampling, tick(2), false, false), false);
});

test("a process that ends between two reads is gone, and nothing is thrown", () => {
  const sampler = open({ pid: 7 });
  host.remove(7);
  assert.equal(sampler.sample(sampling, tick(2), false, false), false);
  assert.equal(ProcessSampler.open(sampling, 7, tick(2), UPTIME), undefined);
  assert.equal(sampling.partialReads, 0);
});

test("a stat that is cut is counted as a partial read, and the process stays", () => {
  const sampler = open({ pid: 7, threads: thread(7, 0) });
  host.process({ pid: 7, threads: thread(7, 0.5) });
  host.write("proc/7/stat", "7 (web) S 1 1");
  assert.equal(sampler.sample(sampling, tick(2), false, false), true);
  assert.equal(sampling.partialReads, 1);
});

test("an idle process is read every few ticks, and what it did meanwhile is averaged over them", () => {
  const sampler = open({ pid: 8, threads: thread(8, 0) });
  let number = 2;
  for (; !sampler.resting(tick(number)); number++) sampler.sample(sampling, tick(number), false, false);
  assert.ok(number > 3, "it is not put off after one quiet read");
  const last = number - 1;
  host.process({ pid: 8, threads: thread(8, 2), userTime: 200 });
  for (; sampler.resting(tick(number)); number++) {
    sampler.sample(sampling, tick(number), false, false);
    assert.equal(sampler.cpuUsage, 0);
  }
  sampler.sample(sampling, tick(number), false, false);
  near(sampler.cpuUsage, 2 / (number - last));
  assert.ok(number - last <= 4);
});

test("an idle process that is woken is read at once, for this tick alone", () => {
  const sampler = open({ pid: 8, threads: thread(8, 0) });
  let number = 2;
  for (; !sampler.resting(tick(number)); number++) sampler.sample(sampling, tick(number), false, false);
  host.process({ pid: 8, threads: thread(8, 0.5), userTime: 50 });
  sampler.sample(sampling, tick(number), true, true);
  near(sampler.cpuUsage, 0.5);
});

test("disk rates come from io, and an io that may not be read leaves them absent and says why", () => {
  const readable = open({ pid: 7, io: { read: 1000, written: 0 } });
  host.process({ pid: 7, threads: thread(7, 0.1), userTime: 10, io: { read: 5000, written: 300 } });
  readable.sample(sampling, tick(2), false, false);
  assert.equal(readable.measures().usage.disk_read, 4000);
  assert.equal(readable.measures().usage.disk_write, 300);
  const hidden = open({ pid: 9, io: null });
  host.process({ pid: 9, threads: thread(9, 0.1), userTime: 10, io: null });
  hidden.sample(sampling, tick(2), false, false);
  assert.equal(hidden.measures().usage.disk_read, undefined);
  assert.equal(hidden.ioError, "EISDIR");
});

test("of a process that runs little and uses no disk, the disk is asked every few ticks, and no byte is lost", () => {
  const sampler = open({ pid: 7, threads: thread(7, 0) });
  const turn = (number: number, read: number) => {
    host.process({ pid: 7, threads: thread(7, number * 1e-4), io: { read, written: 0 } });
    sampler.sample(sampling, tick(number), false, false);
    return sampler.diskRead;
  };
  let number = 2;
  let sum = 0;
  let asked = 0;
  for (; asked === 0; number++) if (turn(number, 6000) > 0) asked = number;
  sum += sampler.diskRead * (asked - 1);
  assert.equal(Math.round(sum), 6000, "the rate is over the time since it was asked before");
  assert.ok(asked <= 10);
  assert.equal(turn(number, 7000), 1000, "one that uses its disk is asked each tick");
});

test("a young process that becomes another program is named after it", () => {
  const start = (UPTIME - 3) * 100;
  const sampler = open({ pid: 7, startTime: start, name: "sh", executable: "/bin/dash" });
  assert.equal(sampler.executable, "dash");
  const before = sampler.identity;
  host.process({ pid: 7, startTime: start, name: "node", executable: "/opt/node (deleted)" });
  sampler.sample(sampling, tick(2), false, false);
  assert.equal(sampler.executable, "node");
  assert.deepEqual(sampler.identity, before);
  assert.notEqual(sampler.identity, before, "what is remembered under the identity is forgotten");
});

test("without the scheduler's figures there is usage, and demand is known to be unknown", () => {
  const sampler = open({ pid: 7, threads: [{ tid: 7, run: 0 }] });
  host.process({ pid: 7, userTime: 50, threads: [] });
  sampler.sample(sampling, tick(2), false, false);
  near(sampler.cpuUsage, 0.5);
  assert.equal(sampler.waitKnown, false);
});

test("an io that is gone with its process hides nothing: the workload's disk figures stay", () => {
  const sampler = open({ pid: 7, threads: thread(7, 0) });
  host.process({ pid: 7, threads: thread(7, 0.5), userTime: 50 });
  rmSync(join(host.procRoot, "7/io"));
  sampler.sample(sampling, tick(2), false, false);
  assert.equal(sampler.ioError, undefined);
  near(sampler.cpuUsage, 0.5);
});
