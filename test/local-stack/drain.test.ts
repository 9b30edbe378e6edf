import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ensurePool } from "../../stacks/local/world/pool.ts";
import { startLoad } from "./load.ts";
import { clearPlace, makePlace, ROOT_NEEDED } from "./place.ts";

const DRAINS = 30;
const MEMORY = 128 * 1024 ** 2;

test("no request fails over 30 drains under load", { skip: ROOT_NEEDED, timeout: 180_000 }, async (context) => {
  const place = makePlace();
  after(() => clearPlace(place));
  const scale = (count: number) =>
    ensurePool(place.runDirectory, { pool: place.pool, count, plan: [], cpu: 0.5, memory: MEMORY, port: 0 }, 30);
  const { spec } = await scale(3);
  const base = `http://${spec.listen.address}:${spec.listen.port}/work`;
  const loads = [
    startLoad(`${base}?cpu=2&bytes=2000&disk=8192&memory=200000`, 6, "kept"),
    startLoad(`${base}?cpu=1&bytes=500`, 10, "fresh"),
  ];
  let state = await scale(3);
  for (let drained = 0; drained < DRAINS; ) {
    state = await scale(1);
    drained += 2;
    state = await scale(3);
  }
  const results = await Promise.all(loads.map((stop) => stop()));
  const failures = results.flatMap((result) => result.failures);
  const answered = results.map((result) => result.answered);
  context.diagnostic(`${answered.join(" + ")} answered, ${failures.length} failed`);
  assert.deepEqual(failures, []);
  assert.ok(
    answered.every((count) => count > 200),
    `the load was real: ${answered} answered`,
  );
  assert.ok(state.status.startedTotal >= 3 + DRAINS, `${state.status.startedTotal} workers started`);
  assert.equal(state.status.crashedTotal, 0);
  assert.equal(state.status.failedTotal, 0);
});
