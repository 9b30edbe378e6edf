import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fleetShape } from "../fleet/shape.ts";
import { FleetShard } from "../fleet/shard.ts";
import { Tables } from "../fleet/tables.ts";
import { ModelWriter, readModels } from "./model-file.ts";
import type { SharedShard } from "./shared-shard.ts";

function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "models-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const shard = new FleetShard(fleetShape(3_600, 86_400), new Tables(3));
  for (let tick = 0; tick < 100; tick++) shard.step(tick, Float64Array.of(tick, 2, Number.NaN), 0, 3);
  const state: SharedShard = { columns: 3, tier: "balanced", step: 3_600, season: 86_400, tables: shard.tables.all };
  const path = join(directory, "models");
  const writer = new ModelWriter(path);
  for (const note of ["one", "", "zwei ×"]) writer.note(note);
  writer.tables([state]);
  writer.keep();
  return { directory, path, state };
}

test("what was written is read, to the bit", (t) => {
  const { path, state, directory } = setUp(t);
  const notes: string[] = [];
  assert.deepEqual(
    readModels(path, (note) => notes.push(note)),
    [state],
  );
  assert.deepEqual(notes, ["one", "", "zwei ×"]);
  assert.deepEqual(readdirSync(directory), ["models"], "nothing is left beside it");
});

test("a writer that gives up leaves the former file, and nothing beside it", (t) => {
  const { path, directory } = setUp(t);
  const before = readFileSync(path);
  const writer = new ModelWriter(path);
  writer.note("half");
  writer.discard();
  assert.deepEqual(readFileSync(path), before);
  assert.deepEqual(readdirSync(directory), ["models"]);
});

test("a damaged, a cut and a foreign file are told apart, and none is used", (t) => {
  const { path } = setUp(t);
  const bytes = readFileSync(path);
  const damaged = (change: (copy: Buffer) => Buffer) => {
    writeFileSync(path, change(Buffer.from(bytes)));
    return () => readModels(path, () => {});
  };
  const flip = (at: number) => (copy: Buffer) => {
    copy[at] ^= 1;
    return copy;
  };
  assert.throws(damaged(flip(bytes.length - 1)), /does not match its checksum/);
  assert.throws(damaged(flip(27)), /a text does not match/);
  assert.throws(
    damaged((copy) => copy.subarray(0, -10)),
    /its length/,
  );
  assert.throws(
    damaged((copy) => Buffer.concat([Buffer.from("{}"), copy])),
    /found another file/,
  );
});
