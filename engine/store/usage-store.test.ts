import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { UsageVector } from "../../model/vector.ts";
import { storeDirectory } from "./store-directory.ts";
import { openUsageStore, type UsageStoreOptions } from "./usage-store.ts";

const NOW = 1_800_000_000;

function place(t: TestContext) {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-usage-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  return storeDirectory("sqlite:store", project);
}

function open(t: TestContext, directory = place(t), options: UsageStoreOptions = {}) {
  const store = openUsageStore(directory, { now: () => NOW, ...options });
  t.after(() => store.close());
  return store;
}

function vector(at: number, cpu: number | undefined, over: Partial<UsageVector> = {}): UsageVector {
  const usage = cpu === undefined ? {} : { cpu };
  return {
    workload: "web",
    host: "h1",
    at,
    interval: 1,
    replicas: 1,
    usage,
    demand: {},
    censored: [],
    missing: [],
    processes: [],
    ...over,
  };
}

const second = (from: number, values: (number | undefined)[], over: Partial<UsageVector> = {}) =>
  values.map((value, i) => vector(from + i + 1, value, over));

test("demand is the mean over each step, and a step without a sample is a gap", async (t) => {
  const store = open(t);
  const from = NOW - 60;
  store.append([...second(from, [1, 2, 3, 4]), ...second(from + 6, [7, 8])]);
  const series = async (step: number, to = from + 8) => [...(await store.demand("web", "cpu", from, to, step)).values];
  assert.deepEqual(await series(1), [1, 2, 3, 4, Number.NaN, Number.NaN, 7, 8]);
  assert.deepEqual(await series(2), [1.5, 3.5, Number.NaN, 7.5]);
  assert.deepEqual(await series(4), [2.5, 7.5]);
  assert.deepEqual(await series(3, from + 9), [2, 4, 7.5]);
  assert.deepEqual([...(await store.demand("web", "memory", from, from + 2, 1)).values], [Number.NaN, Number.NaN]);
  assert.deepEqual([...(await store.demand("none", "cpu", from, from + 2, 1)).values], [Number.NaN, Number.NaN]);
});

test("samples that come a little early or late neither open a gap nor close one", async (t) => {
  const store = open(t);
  const from = NOW - 60;
  const jitter = [0.003, -0.002, 0.01, -0.2, 0.3];
  store.append(jitter.map((late, i) => vector(from + i + 1 + late, i + 1)));
  const { values } = await store.demand("web", "cpu", from, from + 7, 1);
  for (let i = 0; i < 5; i++) assert.ok(Math.abs(values[i] - (i + 1)) < 0.4, `${values}`);
  assert.deepEqual([...values.slice(5)], [Number.NaN, Number.NaN]);
});

test("a sample speaks for its whole interval", async (t) => {
  const store = open(t);
  const from = NOW - 60;
  store.append([vector(from + 10, 4, { interval: 10 })]);
  assert.deepEqual([...(await store.demand("web", "cpu", from, from + 12, 2)).values], [4, 4, 4, 4, 4, Number.NaN]);
});

test("hosts add up, whether or not they report at the same instants", async (t) => {
  const store = open(t);
  const from = NOW - 60;
  store.append([...second(from, [1, 1, 1, 1]), ...second(from + 0.4, [2, 2, 2, 2], { host: "h2" })]);
  const { values } = await store.demand("web", "cpu", from, from + 4, 2);
  assert.deepEqual(
    [...values].map((value) => Math.round(value * 1e9) / 1e9),
    [3, 3],
  );
});

test("usage and demand are told apart; demand is at least there where usage is", async (t) => {
  const store = open(t);
  const from = NOW - 60;
  const usage = { cpu: 1, disk_read: 5, disk_write: 7, network_receive: 2, network_transmit: 9 };
  store.append([vector(from + 1, 1, { usage, demand: { cpu: 4 } })]);
  const at = async (series: "cpu" | "disk" | "network") => [
    (await store.usage("web", series, from, from + 1, 1)).values[0],
    (await store.demand("web", series, from, from + 1, 1)).values[0],
  ];
  assert.deepEqual(
    [await at("cpu"), await at("disk"), await at("network")],
    [
      [1, 4],
      [12, 12],
      [9, 9],
    ],
  );
});

test("a sample that comes twice counts once, and one that comes late counts", async (t) => {
  const directory = place(t);
  const store = open(t, directory);
  const from = NOW - 600;
  store.append([vector(from + 2, 6), vector(from + 2, 6)]);
  await store.flush();
  store.append([vector(from + 2, 99)]);
  store.append([vector(from + 1, 2)]);
  for (const step of [2, 10, 60, 300])
    assert.deepEqual([...(await store.demand("web", "cpu", from, from + step, step)).values], [4], `step ${step}`);
});

test("what was measured is there after a restart, in every rollup", async (t) => {
  const directory = place(t);
  const from = NOW - 6000;
  const first = open(t, directory);
  first.append(
    second(
      from,
      Array.from({ length: 900 }, (_, i) => i),
    ),
  );
  await first.close();
  const again = open(t, directory);
  again.append(
    second(
      from + 900,
      Array.from({ length: 900 }, (_, i) => 900 + i),
    ),
  );
  for (const step of [1, 7, 10, 30, 60, 90, 300, 600]) {
    const { values } = await again.demand("web", "cpu", from, from + 1800, step);
    for (const [i, value] of [...values].entries()) {
      const end = Math.min(1800, (i + 1) * step);
      assert.ok(Math.abs(value - (i * step + end - 1) / 2) < 1e-9, `step ${step}, ${i}: ${value}`);
    }
  }
});

test("what is older than the samples are kept comes from the rollups, and what those have dropped is gone", async (t) => {
  const directory = place(t);
  const levels = [
    { bucket: 0, keep: 100 },
    { bucket: 10, keep: 1000 },
    { bucket: 60, keep: 10_000 },
  ];
  let now = NOW;
  const store = open(t, directory, { now: () => now, levels });
  const from = NOW - 60;
  store.append(
    second(
      from,
      Array.from({ length: 60 }, (_, i) => i),
    ),
  );
  await store.flush();
  const read = async (step: number) => [...(await store.demand("web", "cpu", from, from + 60, step)).values];
  now = NOW + 500;
  assert.deepEqual((await read(2)).slice(0, 6), [4.5, 4.5, 4.5, 4.5, 4.5, 14.5]);
  now = NOW + 5000;
  assert.deepEqual(await read(20), [29.5, 29.5, 29.5]);
  now = NOW + 20_000;
  assert.deepEqual(await read(20), [Number.NaN, Number.NaN, Number.NaN]);
});

test("what is too old, ahead of time or of no interval is refused and counted", async (t) => {
  const store = open(t);
  store.append([
    vector(NOW - 8000, 1),
    vector(NOW + 1000, 1),
    vector(NOW - 1, 1, { interval: 0 }),
    vector(Number.NaN, 1),
  ]);
  await store.flush();
  assert.equal(store.refused, 4);
});

test("a loaded past is read like a measured one, gives way to it, and is replaced when loaded again", async (t) => {
  const directory = place(t);
  const store = open(t, directory);
  const from = NOW - 7200 - 86_400;
  const step = 60;
  const values = Float64Array.from({ length: 1440 }, (_, i) => (i === 3 ? Number.NaN : i));
  for (const offset of [5, 0])
    await store.backfill("web", "cpu", { from, step, values: values.map((value) => value + offset) }, "generated");
  const { values: read } = await store.demand("web", "cpu", from, from + 1440 * step, step);
  assert.deepEqual([...read], [...values]);
  const recent = NOW - 600;
  await store.backfill("web", "cpu", { from: recent, step, values: new Float64Array(10).fill(50) }, "generated");
  store.append(second(recent + 60, Array(60).fill(2)));
  assert.deepEqual([...(await store.demand("web", "cpu", recent, recent + 180, step)).values], [50, 2, 50]);
});

test("of two loaded pasts one counts in a step, and what was got is kept beside what was asked for", async (t) => {
  const store = open(t);
  const [from, step] = [NOW - 86_400, 60];
  const past = (...values: number[]) => ({ from, step, values: Float64Array.from(values) });
  await store.backfill("web", "cpu", { ...past(3, 4, Number.NaN), usage: Float64Array.of(1, 4, Number.NaN) }, "first");
  await store.backfill("web", "cpu", past(50, 50, 50), "second");
  await store.backfill("web", "memory", past(7, Number.NaN, 7), "second");
  const read = async (what: "demand" | "usage", series: "cpu" | "memory") => [
    ...(await store[what]("web", series, from, from + 3 * step, step)).values,
  ];
  assert.deepEqual(await read("demand", "cpu"), [3, 4, 50]);
  assert.deepEqual(await read("usage", "cpu"), [1, 4, 50]);
  assert.deepEqual(await read("demand", "memory"), [7, Number.NaN, 7]);
});

test("the latest vector of each host is the newest, not the last that came", async (t) => {
  const store = open(t);
  store.append([
    vector(NOW - 1, 1),
    vector(NOW - 5, 2),
    vector(NOW - 3, 3, { host: "h2" }),
    vector(NOW - 9000, 3, { host: "h3" }),
  ]);
  assert.deepEqual(
    (await store.latest("web")).map(({ host, at }) => [host, at]),
    [
      ["h1", NOW - 1],
      ["h2", NOW - 3],
    ],
  );
  assert.deepEqual(await store.latest("none"), []);
});

test("a queue that is full drops its oldest and counts them", async (t) => {
  const messages: string[] = [];
  const store = open(t, place(t), { queue: 100, notify: (message) => messages.push(message) });
  const from = NOW - 600;
  for (let i = 0; i < 150; i++) store.append(second(from + i, [1]));
  await store.flush();
  const { values } = await store.demand("web", "cpu", from, from + 150, 1);
  const kept = values.filter((value) => value === 1).length;
  assert.equal(kept + store.dropped, 150);
  assert.ok(kept >= 50 && kept <= 100, `${kept}`);
  assert.ok(Number.isNaN(values[0]) && values[149] === 1);
  assert.equal(messages.length, 1);
});

test("a damaged file is set aside with a message and a new one begun", async (t) => {
  const directory = place(t);
  const first = open(t, directory);
  first.append(second(NOW - 600, Array(300).fill(1)));
  await first.close();
  assert.equal(statSync(directory.usageDatabase).mode & 0o777, 0o600);
  const damaged = readFileSync(directory.usageDatabase).fill(0x5a, 4096);
  writeFileSync(directory.usageDatabase, damaged);
  const messages: string[] = [];
  const store = open(t, directory, { notify: (message) => messages.push(message) });
  store.append(second(NOW - 60, [3]));
  assert.deepEqual([...(await store.demand("web", "cpu", NOW - 60, NOW - 59, 1)).values], [3]);
  assert.match(messages.join("\n"), /usage\.db: .*set aside as .*usage\.db\.damaged-/s);
  const aside = readdirSync(directory.path).find((name) => /^usage\.db\.damaged-.*Z$/.test(name));
  assert.ok(aside !== undefined && readFileSync(join(directory.path, aside)).equals(damaged));
});

test("a span beyond all measure is refused", async (t) => {
  const store = open(t);
  await assert.rejects(store.demand("web", "cpu", 0, 1e9, 1), RangeError);
  await assert.rejects(store.demand("web", "cpu", 0, 10, 0), RangeError);
});

test("a database that cannot be opened is told, and tried again with the next request", async (t) => {
  const directory = place(t);
  const messages: string[] = [];
  const store = open(t, directory, { notify: (message) => messages.push(message) });
  mkdirSync(directory.usageDatabase);
  store.append(second(NOW - 60, [3]));
  const read = () => store.demand("web", "cpu", NOW - 60, NOW - 59, 1);
  await assert.rejects(read(), { name: "StoreError", message: /usage\.db: opening the database/ });
  assert.equal(messages.length, 1);
  rmdirSync(directory.usageDatabase);
  assert.deepEqual([...(await read()).values], [3]);
});

test("what cannot be written when the store closes is told and counted", async (t) => {
  const directory = place(t);
  const messages: string[] = [];
  const store = open(t, directory, { notify: (message) => messages.push(message) });
  mkdirSync(directory.usageDatabase);
  store.append(second(NOW - 60, [1, 2, 3]));
  await store.close();
  assert.equal(store.dropped, 3);
  assert.match(messages.at(-1) ?? "", /3 usage vectors were not written/);
});
