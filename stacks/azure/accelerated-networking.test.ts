import assert from "node:assert/strict";
import { test } from "node:test";
import { acceleratedNetworking } from "./accelerated-networking.ts";

const GIGABIT = 1e9 / 8;
const check = (size: string, bandwidth?: number) => acceleratedNetworking(size, bandwidth, "web.network.bandwidth");

test("traffic goes past the switch from a gigabit a second on", () => {
  assert.deepEqual(
    [undefined, 0.99 * GIGABIT, GIGABIT].map((bandwidth) => check("Standard_D2s_v5", bandwidth)),
    [false, false, true],
  );
});

test("a size that is known gives no more than it has", () => {
  assert.equal(check("Standard_E32ds_v5", 16 * GIGABIT), true);
  assert.throws(
    () => check("Standard_D8s_v5", 16 * GIGABIT),
    /web\.network\.bandwidth: expected at most 12500 Mbit\/s, which is what a Standard_D8s_v5 has, found 16000 Mbit\/s/,
  );
  assert.equal(check("Standard_M416ms_v2", 90 * GIGABIT), true, "no table has it: nothing is claimed");
});
