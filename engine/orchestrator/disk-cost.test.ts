import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseCatalogue } from "../../model/catalogue.ts";
import type { DiskPrice } from "./decide.port.ts";
import { decide } from "./decide.ts";
import { constraintsOf, forecastOf, inputOf } from "./decide-fixture.ts";
import { diskCost } from "./disk-cost.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const price: DiskPrice = {
  gib: 0.01,
  iops: { included: 3000, price: 0.001 },
  throughput: { included: 125 * MIB, price: 0.1 },
};
const zones = (zones: number) => constraintsOf(`availability: { zones: ${zones} }`);
const storage = { size: 100 * GIB, iops: 4000, throughput: 135 * MIB };

test("size is paid from the first GiB, operations and throughput above what comes along, one disk a zone", () => {
  assert.equal(diskCost(price, { storage }, zones(1)).toFixed(6), (1 + 1 + 1).toFixed(6));
  assert.equal(diskCost(price, { storage }, zones(3)).toFixed(6), (9).toFixed(6));
  assert.equal(diskCost(price, { storage: { size: 100 * GIB, iops: 100, throughput: MIB } }, zones(1)), 1);
  assert.equal(diskCost(price, { storage: {} }, zones(3)), 0);
  assert.equal(diskCost(undefined, { storage }, zones(3)), 0);
});

test("a decision's price is an interval of replicas and disks together, with the disks that are proposed", () => {
  const { capacity } = inputOf();
  const forecast = forecastOf("cpu", 10);
  const rows = [8, 10, 12, 13, 14];
  const { price: told } = decide(
    inputOf({
      capacity: { ...capacity, storage: { size: 100 * GIB } },
      demand: {
        ...inputOf().demand,
        storage: { value: 60 * GIB, at: inputOf().now, censored: false },
      },
      forecasts: { cpu: { ...forecast, values: rows.map((value) => new Float64Array(7).fill(value)) } },
      pricePerReplica: 1,
      diskPrice: price,
    }),
  );
  assert.deepEqual([told?.p10, told?.p50, told?.p90], [9, 11, 13]);
});

test("a budget that caps pays for the disks first", () => {
  const { capacity } = inputOf();
  const capped = (diskPrice?: DiskPrice) =>
    decide(
      inputOf({
        capacity: { ...capacity, replicas: { count: 5 }, storage: { size: 300 * GIB } },
        ready: 5,
        health: { known: 5, reporting: 5, warming: 0, stale: false },
        constraints: constraintsOf(
          "performance: { utilisation: { cpu: 100% } }\ncost: { max: 10 USD/h, onBudget: cap }",
        ),
        pricePerReplica: 1,
        ...(diskPrice && { diskPrice }),
      }),
    ).capacity.replicas;
  assert.deepEqual(capped(), { count: 10 });
  assert.deepEqual(capped(price), { count: 7 });
});

test("the catalogues that come along have the price of a disk", () => {
  for (const provider of ["aws", "gcp", "azure"]) {
    const file = new URL(`./catalogue/${provider}.yaml`, import.meta.url);
    const { disk } = parseCatalogue(readFileSync(file, "utf8"), provider);
    assert.ok(disk !== undefined && disk.gib > 0 && disk.iops.price > 0 && disk.throughput.price > 0, provider);
  }
});
