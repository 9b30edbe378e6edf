import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Capacity } from "../../../model/capacity.ts";
import { parseCatalogue } from "../../../model/catalogue.ts";
import { typesFor } from "./types-for.ts";

const GIB = 1024 ** 3;
const shipped = (name: string) => {
  const file = join(import.meta.dirname, `${name}.yaml`);
  return parseCatalogue(readFileSync(file, "utf8"), file);
};
const capacity = (perReplica: Capacity["perReplica"]): Capacity => ({
  owns: "desired",
  replicas: { count: 1 },
  plan: [],
  perReplica,
  storage: {},
  network: {},
});

test("the catalogues that come along are valid, and a larger size of a family costs more", () => {
  for (const name of ["aws", "gcp", "azure"]) {
    const { types } = shipped(name);
    const all = Object.values(types);
    assert.ok(all.length >= 14, name);
    for (const a of all)
      for (const b of all)
        if (a.family === b.family && a.cpu < b.cpu && a.memory < b.memory) assert.ok(a.price < b.price, a.family);
  }
});

test("types are of the present one's architecture, with what the file states", () => {
  const types = typesFor(shipped("aws"), capacity({ instance: "m7i.large" }));
  assert.deepEqual(types["m7i.large"], {
    cpu: 2,
    memory: 8 * GIB,
    pricePerHour: 0.1008,
    disk: 81_250_000,
    iops: 3600,
    network: 97_625_000,
  });
  assert.ok("r7i.large" in types && !("m7g.large" in types));
  assert.ok(Object.values(types).every(({ container }) => container === undefined));
  assert.deepEqual(typesFor(shipped("aws"), capacity({ instance: "x1.unheard-of" })), {});
});

test("container sizes and custom machine types come from their grids", () => {
  const sizes = Object.values(typesFor(shipped("aws"), capacity({ cpu: 0.5, memory: GIB })));
  assert.ok(sizes.every(({ container }) => container === true));
  const size = sizes.find(({ cpu, memory }) => cpu === 1 && memory === 2 * GIB);
  assert.equal(size?.pricePerHour, 0.04048 + 2 * 0.004445);
  const custom = typesFor(shipped("gcp"), capacity({ instance: "n2-custom-4-4096" }))["n2-custom-4-4096"];
  assert.deepEqual([custom.cpu, custom.memory], [4, 4 * GIB]);
});

test("a price without its unit is told with file and line", () => {
  const text =
    "version: 1\nprovider: a\nregion: b\nasOf: 2025-06-30\nsource: https://a.test/\ntypes:\n  one: { family: a, cpu: 1, memory: 1GiB, price: 0.1 }\n";
  assert.throws(() => parseCatalogue(text, "own.yaml"), /own\.yaml:7.*types\.one\.price.*USD\/h/s);
});
