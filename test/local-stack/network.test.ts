import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { kernelNames } from "../../stacks/local/world/run-directory.ts";
import { clearPlace, makePlace, ROOT_NEEDED } from "./place.ts";
import { apply, applyAll, defaults, drift, driftOfAll, NO_DRIFT } from "./resources.ts";

const options = { skip: ROOT_NEEDED, timeout: 60_000 };

test("bandwidth is what it is limited to, both ways in the kernel, and changes in place", options, async (context) => {
  const place = makePlace();
  after(() => clearPlace(place));
  const all = defaults(place);
  const outputs = await applyAll(all);
  if (!outputs.Bandwidth.enforced) return context.skip(outputs.Bandwidth.reason as string);
  const rate = async (bytes: number) => {
    const start = performance.now();
    await (await fetch(`${outputs.WorkerPool.url}/work?bytes=${bytes}`)).arrayBuffer();
    return bytes / ((performance.now() - start) / 1000);
  };
  const narrow = await rate(2_500_000);
  const wider = { ...all.Bandwidth, bandwidth: 10_000_000 };
  await apply("Bandwidth", wider, all.Bandwidth);
  const wide = await rate(5_000_000);
  context.diagnostic(`${((narrow * 8) / 1e6).toFixed(1)} then ${((wide * 8) / 1e6).toFixed(1)} Mbit/s`);
  assert.ok(narrow < 2_500_000 * 1.1, `${narrow}`);
  assert.ok(wide > narrow * 1.5 && wide < 10_000_000 * 1.1, `${wide}`);
  assert.deepEqual(await drift("Bandwidth", wider), {});
  assert.deepEqual(await drift("Bandwidth", all.Bandwidth), { bandwidth: [2_500_000, 10_000_000] });
});

test("a network that somebody deletes shows as drift, and applying makes it anew with its limit", options, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  const all = defaults(place);
  const before = await applyAll(all);
  execFileSync("ip", ["link", "del", kernelNames(place.runDirectory).veth]);
  assert.deepEqual(await drift("WorkerPool", all.WorkerPool), { network: ["up", "down"] });
  const outputs = await apply("WorkerPool", all.WorkerPool, all.WorkerPool);
  assert.equal((await fetch(`${outputs.url}/healthz`)).status, 200);
  assert.notDeepEqual(outputs.pids, before.WorkerPool.pids);
  assert.deepEqual(await driftOfAll(all), NO_DRIFT);
});

test("another port is taken by new workers before the old ones end", options, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  const all = defaults(place);
  await applyAll(all);
  const outputs = await apply("WorkerPool", { ...all.WorkerPool, port: 8181 }, all.WorkerPool);
  assert.match(outputs.url as string, /:8181$/);
  assert.equal((await fetch(`${outputs.url}/healthz`)).status, 200);
  assert.equal(outputs.ready, 2);
});
