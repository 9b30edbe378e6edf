import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { clearPlace, makePlace, ROOT_NEEDED } from "./place.ts";
import { apply, defaults, drift, type Properties } from "./resources.ts";
import { until } from "./wait.ts";

const MEBIBYTE = 1024 ** 2;
const options = { skip: ROOT_NEEDED, timeout: 90_000 };
const place = makePlace();
const inputs = { ...defaults(place).WorkerPool, count: 1, cpu: 0.2, memory: 128 * MEBIBYTE };
let outputs: Properties;

before(async () => {
  if (!ROOT_NEEDED) outputs = await apply("WorkerPool", inputs);
});
after(() => clearPlace(place));

const work = (query: string) => fetch(`${outputs.url}/work?${query}`).then((response) => response.status);

test("a worker gets no more CPU than its limit, however much it wants", options, async (context) => {
  const [pid] = outputs.pids as number[];
  const start = { cpu: cpuSeconds(pid), at: performance.now() };
  await Promise.all([work("cpu=300"), work("cpu=300")]);
  const used = (cpuSeconds(pid) - start.cpu) / ((performance.now() - start.at) / 1000);
  context.diagnostic(`${used.toFixed(3)} cores at a limit of 0.2`);
  assert.ok(used < 0.2 * 1.2, `${used}`);
});

test("memory is lowered in place where it is free, by another worker where it is in use", options, async () => {
  const slightly = { ...inputs, memory: 126 * MEBIBYTE };
  assert.deepEqual((await apply("WorkerPool", slightly, inputs)).pids, outputs.pids);
  const held = work(`memory=${96 * MEBIBYTE}&wait=3000`);
  await new Promise((done) => setTimeout(done, 1000));
  const less = { ...inputs, memory: 96 * MEBIBYTE };
  const { pids } = await apply("WorkerPool", less, slightly);
  assert.notDeepEqual(pids, outputs.pids);
  assert.equal(await held, 200, "the request that held the memory is answered");
  assert.deepEqual(await drift("WorkerPool", less), {});
  await apply("WorkerPool", inputs, less);
});

test("a worker that takes more memory than its limit is ended by the kernel and replaced", options, async () => {
  const before = await until(place.runDirectory, "a settled pool", ({ converged }) => converged);
  await assert.rejects(work(`memory=${400 * MEBIBYTE}&wait=1000`));
  const replaced = await until(
    place.runDirectory,
    "a new worker",
    ({ converged, workers }) => converged && workers[0].pid !== before.workers[0].pid,
  );
  assert.equal(replaced.crashedTotal, before.crashedTotal + 1);
  assert.equal(await work("bytes=10"), 200);
});

test(
  "workers that cannot start: the reason is said, Pulumi keeps the resource, the next update mends it",
  options,
  async () => {
    const none = { ...inputs, count: 0 };
    const { netns, listenPort } = await apply("WorkerPool", none, inputs);
    const listen = `require("net").createServer().listen(${listenPort}, () => console.log("there"))`;
    const stranger = spawn("nsenter", [`--net=/run/netns/${netns}`, "--", process.execPath, "-e", listen]);
    after(() => stranger.kill());
    await once(stranger.stdout, "data");
    const start = performance.now();
    await assert.rejects(apply("WorkerPool", inputs, none), (error: Error & { id?: string; reasons?: string[] }) => {
      assert.match(error.message, /EADDRINUSE/);
      assert.equal(error.id, place.runDirectory);
      assert.deepEqual(error.reasons, [error.message]);
      return true;
    });
    assert.ok(performance.now() - start < 45_000, "before the deadline of a whole start");
    stranger.kill();
    await once(stranger, "exit");
    assert.equal((await apply("WorkerPool", inputs, none)).ready, 1);
  },
);

/** User and system time of a process, from fields 14 and 15 of its stat; the kernel counts in 1/100 s. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
