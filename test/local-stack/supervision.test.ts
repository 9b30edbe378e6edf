import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readPool } from "../../stacks/local/world/pool.ts";
import { clearPlace, makePlace, ROOT_NEEDED } from "./place.ts";
import { apply, applyAll, defaults, drift, driftOfAll, NO_DRIFT } from "./resources.ts";
import { until } from "./wait.ts";

const place = makePlace();
const { runDirectory } = place;
const all = defaults(place);
const options = { skip: ROOT_NEEDED, timeout: 60_000 };
const pids = () => (readPool(runDirectory)?.status?.workers ?? []).map(({ pid }) => pid);
const settled = () => until(runDirectory, "a settled pool", ({ converged }) => converged);

before(async () => {
  if (!ROOT_NEEDED) await applyAll(all);
});
after(() => clearPlace(place));

test("a worker that dies is replaced and counted, and the other serves on", options, async () => {
  const [victim, other] = pids();
  process.kill(victim, "SIGKILL");
  await until(runDirectory, "a crash", ({ crashedTotal }) => crashedTotal === 1);
  await settled();
  assert.ok(!pids().includes(victim));
  assert.ok(pids().includes(other));
  assert.deepEqual(await driftOfAll(all), NO_DRIFT);
});

test("a worker that somebody asks to end does so gracefully and is replaced; that is no crash", options, async () => {
  const [asked] = pids();
  const { crashedTotal } = await settled();
  process.kill(asked, "SIGTERM");
  await until(
    runDirectory,
    "another worker",
    ({ converged, workers }) => converged && workers.every(({ pid }) => pid !== asked),
  );
  assert.equal((await settled()).crashedTotal, crashedTotal);
});

test("limits change in place, without a new worker", options, async () => {
  const workers = pids();
  const news = { ...all.WorkerPool, cpu: 0.45, memory: 160 * 1024 ** 2 };
  await apply("WorkerPool", news, all.WorkerPool);
  assert.deepEqual(pids(), workers);
  assert.deepEqual(await drift("WorkerPool", news), {});
  const outputs = await apply("WorkerPool", all.WorkerPool, news);
  assert.deepEqual(outputs.pids, workers);
});

test("a supervisor that is killed leaves the workers serving; the next one takes them over", options, async () => {
  const workers = pids();
  const { supervisor } = (await settled()) ?? {};
  process.kill(supervisor.pid, "SIGKILL");
  await until(runDirectory, "its end", () => !alive(supervisor.pid));
  const { listen } = readPool(runDirectory)!.spec;
  assert.equal((await fetch(`http://${listen.address}:${listen.port}/healthz`)).status, 200);
  assert.deepEqual(await drift("WorkerPool", all.WorkerPool), { supervisor: ["running", "stopped"] });
  const outputs = await apply("WorkerPool", all.WorkerPool, all.WorkerPool);
  assert.deepEqual(outputs.pids, workers);
  assert.notEqual(outputs.supervisorPid, supervisor.pid);
  assert.deepEqual(await drift("WorkerPool", all.WorkerPool), {});
});

test("the plan's steps are carried out by the supervisor alone, and are no drift", options, async () => {
  const now = Date.now() / 1000;
  const news = {
    ...all.WorkerPool,
    plan: [
      { at: now + 1.5, floor: 3 },
      { at: now + 4, floor: 1 },
    ],
  };
  const outputs = await apply("WorkerPool", news, all.WorkerPool);
  assert.equal(outputs.ready, 2);
  const up = await until(runDirectory, "3 workers", ({ ready }) => ready === 3);
  assert.ok(up.updatedAt >= now + 1.5);
  assert.deepEqual(await drift("WorkerPool", news), {});
  const down = await until(runDirectory, "1 worker", ({ ready, converged }) => ready === 1 && converged);
  assert.ok(down.updatedAt >= now + 4);
  assert.equal(down.failedTotal, 0);
  await apply("WorkerPool", all.WorkerPool, news);
});

test(
  "a specification that somebody edits shows as drift of that property, and applying puts it back",
  options,
  async () => {
    const file = join(runDirectory, "spec.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"count": 2', '"count": 3'));
    assert.deepEqual(await drift("WorkerPool", all.WorkerPool), { count: [2, 3] });
    const outputs = await apply("WorkerPool", all.WorkerPool, all.WorkerPool);
    assert.equal(outputs.ready, 2);
  },
);

test("two operations on one pool at the same time follow one another", options, async () => {
  const wide = { ...all.WorkerPool, count: 3 };
  await Promise.all([
    apply("WorkerPool", wide, all.WorkerPool),
    apply("WorkerPool", all.WorkerPool, wide),
    apply("WorkerPool", wide),
  ]);
  const { spec, status } = readPool(runDirectory)!;
  assert.equal(status?.converged, true);
  assert.equal(status?.ready, spec.count);
  await apply("WorkerPool", all.WorkerPool, wide);
});

test("requests are counted over the lives of workers", options, async () => {
  const { listen } = readPool(runDirectory)!.spec;
  const start = (await settled()).requestsTotal;
  for (let i = 0; i < 20; i++)
    await (await fetch(`http://${listen.address}:${listen.port}/work?bytes=10`)).arrayBuffer();
  await until(runDirectory, "20 more requests", ({ requestsTotal }) => requestsTotal === start + 20);
  await apply("WorkerPool", { ...all.WorkerPool, count: 0 }, all.WorkerPool);
  await apply("WorkerPool", all.WorkerPool, all.WorkerPool);
  await until(runDirectory, "the same count", ({ requestsTotal }) => requestsTotal === start + 20);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
