import assert from "node:assert/strict";
import { test } from "node:test";
import { localProvider } from "./local-provider.ts";

const MEBIBYTE = 1024 ** 2;
const PART = { pool: "web", runDirectory: "/run/foreshadow/web" };
const POOL = { ...PART, count: 2, plan: [], port: 8080 };
const urn = (type: string) => `urn:pulumi:dev::foreshadow::local:index:${type}::web`;

async function failures(type: string, news: object, olds: object = {}): Promise<string[]> {
  const result = await localProvider.check!(urn(type), olds, news);
  return (result.failures ?? []).map(({ property, reason }) => `${property}: ${reason}`);
}

test("what is as it should be passes", async () => {
  assert.deepEqual(await failures("WorkerPool", { ...POOL, cpu: 0.1, memory: 96 * MEBIBYTE }), []);
  assert.deepEqual(await failures("Volume", { ...PART, size: 64 * MEBIBYTE, throughput: 20 * MEBIBYTE }), []);
  assert.deepEqual(await failures("Bandwidth", { ...PART, bandwidth: 2_500_000 }), []);
});

test("each mistake is named by its property, with what was expected and found", async () => {
  const cases: [string, object, RegExp][] = [
    ["WorkerPool", { ...POOL, count: 1.5 }, /^count: expected a whole number of workers, found 1.5$/],
    ["WorkerPool", { ...POOL, count: 100_000 }, /^count: expected 0 to 256 workers/],
    ["WorkerPool", { ...POOL, memory: 64 * MEBIBYTE }, /^memory: expected 100663296 to/],
    ["WorkerPool", { ...POOL, cpu: 0 }, /^cpu: expected 0.01 to/],
    ["WorkerPool", { ...POOL, port: 70_000 }, /^port: /],
    ["WorkerPool", { ...POOL, pool: "../web" }, /^pool: expected a name/],
    ["WorkerPool", { ...POOL, replicas: 3 }, /^replicas: no such property/],
    [
      "WorkerPool",
      {
        ...POOL,
        plan: [
          { at: 2, floor: 1 },
          { at: 1, floor: 1 },
        ],
      },
      /^plan: expected steps with ascending/,
    ],
    ["Volume", { ...PART, runDirectory: "web", size: 64 * MEBIBYTE }, /^runDirectory: expected an absolute path/],
    [
      "Volume",
      { ...PART, runDirectory: `/${"x".repeat(100)}`, size: 64 * MEBIBYTE },
      /^runDirectory: expected at most 80/,
    ],
    ["Volume", { ...PART, size: 64 * MEBIBYTE + 1 }, /^size: expected a multiple of 1 MiB/],
    ["Bandwidth", { ...PART, bandwidth: 10 }, /^bandwidth: expected 8192 to/],
    ["Bandwidth", PART, /^bandwidth: .*found nothing/],
  ];
  for (const [type, news, pattern] of cases) assert.match((await failures(type, news)).join("\n"), pattern);
});

test("volumes only grow", async () => {
  const [large, small] = [64, 32].map((size) => ({ ...PART, size: size * MEBIBYTE }));
  assert.match(
    (await failures("Volume", small, large)).join(),
    /^size: volumes only grow: expected at least the present 64 MiB, found 32 MiB/,
  );
  assert.deepEqual(await failures("Volume", large, small), []);
  assert.deepEqual(
    await failures("Volume", { ...small, runDirectory: "/elsewhere" }, large),
    [],
    "another volume may be smaller",
  );
});

test("a value that is not known yet is no mistake", async () => {
  assert.deepEqual(await failures("WorkerPool", { ...POOL, count: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }), []);
});

test("a fraction of a byte is rounded before it can show as drift", async () => {
  const { inputs } = await localProvider.check!(urn("Bandwidth"), {}, { ...PART, bandwidth: 1_000_000 / 3 });
  assert.equal(inputs.bandwidth, 333_333);
});

test("only a move replaces, and nothing else is said about changes", async () => {
  const moved = await localProvider.diff!("id", urn("WorkerPool"), POOL, { ...POOL, runDirectory: "/elsewhere" });
  assert.deepEqual(moved, { replaces: ["runDirectory"], deleteBeforeReplace: true });
  assert.deepEqual(await localProvider.diff!("id", urn("WorkerPool"), POOL, { ...POOL, count: 9, port: 0 }), {});
});

test("an unknown type is refused with the known ones", async () => {
  await assert.rejects(failures("Database", {}), /expected local:index:WorkerPool.*found local:index:Database/);
});
