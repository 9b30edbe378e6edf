import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fleetShape } from "../fleet/shape.ts";
import { FleetShard } from "../fleet/shard.ts";
import { Tables } from "../fleet/tables.ts";
import { readModels, writeModels } from "./model-file.ts";
import type { SharedShard } from "./shared-shard.ts";

function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "models-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const shard = new FleetShard(fleetShape(3_600, 86_400), new Tables(3));
  for (let tick = 0; tick < 100; tick++) shard.step(tick, Float64Array.of(tick, 2, Number.NaN), 0, 3);
  const state: SharedShard = { columns: 3, tier: "balanced", step: 3_600, season: 86_400, tables: shard.tables.all };
  const path = join(directory, "models");
  writeModels(path, [state], "notes");
  return { directory, path, state };
}

test("what was written is read, to the bit", (t) => {
  const { path, state, directory } = setUp(t);
  const { shards, notes } = readModels(path);
  assert.equal(notes, "notes");
  assert.deepEqual(shards, [state]);
  assert.deepEqual(readdirSync(directory), ["models"], "nothing is left beside it");
});

test("a damaged, a cut and a foreign file are told apart, and none is used", (t) => {
  const { path } = setUp(t);
  const bytes = readFileSync(path);
  const damaged = (change: (copy: Buffer) => Buffer) => {
    writeFileSync(path, change(Buffer.from(bytes)));
    return () => readModels(path);
  };
  const flip = (at: number) => (copy: Buffer) => {
    copy[at] ^= 1;
    return copy;
  };
  assert.throws(damaged(flip(bytes.length - 1)), /does not match its checksum/);
  assert.throws(damaged(flip(40)), /its header does not match/);
  assert.throws(
    damaged((copy) => copy.subarray(0, -10)),
    /its length/,
  );
  assert.throws(
    damaged((copy) => Buffer.concat([Buffer.from("{}"), copy])),
    /found another file/,
  );
});
