import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedPartPerReplica } from "./fixed-part.ts";

const samples = (fixed: number, each: number, loads: readonly number[]) =>
  loads.map((load, i) => ({ demand: fixed * (2 + (i % 3)) + each * load, load, replicas: 2 + (i % 3) }));
const varied = Array.from({ length: 60 }, (_, i) => 10 + ((i * 37) % 50));

test("the part that load does not drive is found, and load's price left out", () => {
  assert.ok(Math.abs(fixedPartPerReplica(samples(100, 3, varied))! - 100) < 1e-6);
});

test("too few samples, or a load that does not vary, say nothing", () => {
  assert.equal(fixedPartPerReplica(samples(100, 3, varied.slice(0, 20))), undefined);
  const still = Array.from({ length: 60 }, () => ({ demand: 206, load: 2, replicas: 2 }));
  assert.equal(fixedPartPerReplica(still), undefined);
});

test("samples that are no numbers are passed over", () => {
  const broken = { demand: Number.NaN, load: 1, replicas: 2 };
  assert.ok(Math.abs(fixedPartPerReplica([broken, ...samples(100, 3, varied)])! - 100) < 1e-6);
});
