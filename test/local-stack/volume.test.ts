import assert from "node:assert/strict";
import { readFileSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startLoad } from "./load.ts";
import { clearPlace, makePlace, ROOT_NEEDED } from "./place.ts";
import { apply, applyAll, defaults, drift } from "./resources.ts";

const MEBIBYTE = 1024 ** 2;
const options = { skip: ROOT_NEEDED, timeout: 60_000 };

test(
  "a volume grows under load: nothing on it is lost, no request fails, and it does not shrink",
  options,
  async (context) => {
    const place = makePlace();
    after(() => clearPlace(place));
    const all = defaults(place);
    const outputs = await applyAll(all);
    context.diagnostic(`backing ${outputs.Volume.backing}, growth ${outputs.Volume.growth}`);
    const directory = outputs.Volume.path as string;
    writeFileSync(join(directory, "data", "kept"), "as it was");
    const capacity = () => statfsSync(directory).blocks * statfsSync(directory).bsize;
    const before = capacity();
    const stop = startLoad(`${outputs.WorkerPool.url}/work?disk=16384&bytes=100`, 4, "kept");
    let olds = all.Volume;
    for (const size of [48, 64, 96]) {
      const news = { ...all.Volume, size: size * MEBIBYTE };
      await apply("Volume", news, olds);
      assert.deepEqual(await drift("Volume", news), {});
      olds = news;
    }
    const { answered, failures } = await stop();
    context.diagnostic(`${answered} answered`);
    assert.deepEqual(failures, []);
    assert.ok(answered > 20);
    assert.equal(readFileSync(join(directory, "data", "kept"), "utf8"), "as it was");
    assert.ok(capacity() > before * 2, `${before} became ${capacity()}`);
    await assert.rejects(apply("Volume", all.Volume, olds), /volumes only grow/);
  },
);

test("throughput is what it is limited to, and a new limit holds at once", options, async (context) => {
  const place = makePlace();
  after(() => clearPlace(place));
  const all = defaults(place);
  all.Volume.throughput = 2 * MEBIBYTE;
  const outputs = await applyAll(all);
  if (!outputs.Volume.throughputEnforced) return context.skip((outputs.Volume.degraded as string[]).join("; "));
  const rate = async () => {
    const start = performance.now();
    const response = await fetch(`${outputs.WorkerPool.url}/work?disk=${3 * MEBIBYTE}`);
    await response.arrayBuffer();
    assert.equal(response.status, 200);
    // Written and read back, each way by its own limit: the bytes pass twice, one after the other.
    return (2 * 3 * MEBIBYTE) / ((performance.now() - start) / 1000);
  };
  const slow = await rate();
  await apply("Volume", { ...all.Volume, throughput: 12 * MEBIBYTE }, all.Volume);
  const fast = await rate();
  context.diagnostic(`${(slow / MEBIBYTE).toFixed(2)} then ${(fast / MEBIBYTE).toFixed(2)} MiB/s`);
  assert.ok(slow < 2.6 * MEBIBYTE, `${slow} at a limit of 2 MiB/s`);
  assert.ok(fast > slow * 1.5, `${fast} after ${slow}`);
});
