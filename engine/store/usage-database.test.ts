import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { SERIES } from "../../model/dimension.ts";
import { openUsageDatabase } from "./open-usage-database.ts";
import type { UsageDatabase, UsageRecord } from "./usage-database.ts";
import { COLUMNS, columnOf, STORED_SERIES } from "./usage-schema.ts";

const NOW = 1_800_000_000;
const LEVELS = [
  { bucket: 0, keep: 2000 },
  { bucket: 10, keep: 4000 },
  { bucket: 60, keep: 8000 },
];
const cpu = columnOf("cpu", "demand");

function open(t: TestContext): { database: UsageDatabase; path: string } {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-usage-"));
  const path = join(directory, "usage.db");
  const database = openUsageDatabase(path, LEVELS, NOW, assert.fail);
  t.after(() => {
    database.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { database, path };
}

function record(at: number, value: number, host = "h1", interval = 1): UsageRecord {
  const values = new Float64Array(COLUMNS).fill(Number.NaN);
  values[cpu] = value;
  return { workload: "web", host, at, interval, values };
}

test("what is older than its level keeps is deleted a little at a time, and a host of which nothing is left is forgotten", (t) => {
  const { database, path } = open(t);
  const records = Array.from({ length: 1500 }, (_, i) => record(NOW - 1500 + i, i));
  database.append(records, NOW);
  database.append([record(NOW + 290, 1, "h2")], NOW);
  const reader = new DatabaseSync(path, { readOnly: true });
  t.after(() => reader.close());
  const counts = () =>
    [0, 10, 60].map((level) => reader.prepare("SELECT count(*) n FROM point WHERE level = ?").get(level)?.n);
  const before = counts();
  assert.equal(database.prune(NOW), false);
  assert.deepEqual(counts(), before);
  assert.equal(database.prune(NOW + 2000), true);
  assert.equal(counts()[0], 1001);
  while (database.prune(NOW + 2000));
  assert.deepEqual(counts(), [1, before[1], before[2]]);
  while (database.prune(NOW + 8100));
  assert.deepEqual(counts(), [0, 0, 1]);
  assert.deepEqual(
    reader
      .prepare("SELECT host FROM stream")
      .all()
      .map(({ host }) => host),
    ["h2"],
  );
  assert.equal(database.append([record(NOW + 8100, 1)], NOW + 8100), 0, "the host may come again");
});

test("in whatever order and batches samples come, and however often, every step has the same mean", (t) => {
  const { database } = open(t);
  let workload = 0;
  const sample = fc.record({
    offset: fc.nat(599),
    value: fc.integer({ min: 0, max: 1000 }),
    host: fc.constantFrom("a", "b"),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(sample, { selector: ({ offset, host }) => `${host}${offset}`, minLength: 1, maxLength: 60 }),
      fc.infiniteStream(fc.boolean()),
      fc.constantFrom(1, 2, 5, 10, 20, 30, 60, 120),
      (samples, together, step) => {
        const name = `w${workload++}`;
        const from = NOW - 600;
        let batch: UsageRecord[] = [];
        for (const { offset, value, host } of [...samples, ...samples.slice(0, 5)]) {
          batch.push({ ...record(from + offset + 1, value, host), workload: name });
          if (together.next().value) continue;
          database.append(batch, NOW);
          batch = [];
        }
        database.append(batch, NOW);
        const read = database.query({ workload: name, column: cpu, from, step, steps: 600 / step }, NOW);
        for (let i = 0; i < 600 / step; i++) {
          const means = ["a", "b"].map((host) => {
            const inside = samples.filter((s) => s.host === host && Math.floor(s.offset / step) === i);
            return inside.reduce((sum, { value }) => sum + value, 0) / inside.length;
          });
          const present = means.filter((mean) => !Number.isNaN(mean));
          if (present.length === 0) assert.ok(Number.isNaN(read[i]));
          else assert.ok(Math.abs(read[i] - present.reduce((a, b) => a + b)) < 1e-6, `${read[i]} ${present}`);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test("a transaction that fails leaves no stream behind that later samples would be lost in", (t) => {
  const { database, path } = open(t);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("CREATE TRIGGER refuse BEFORE INSERT ON point BEGIN SELECT RAISE(ABORT, 'refused'); END");
  assert.throws(() => database.append([record(NOW, 1)], NOW), { name: "StoreError" });
  other.exec("DROP TRIGGER refuse");
  database.append([record(NOW, 5)], NOW);
  assert.deepEqual([...database.query({ workload: "web", column: cpu, from: NOW - 1, step: 1, steps: 1 }, NOW)], [5]);
});

test("every series has its place in a stored point, and none moves", () => {
  assert.deepEqual([...STORED_SERIES].sort(), [...SERIES].sort());
  assert.deepEqual(STORED_SERIES.slice(0, 6), ["cpu", "memory", "disk", "storage", "network", "requests"]);
});
