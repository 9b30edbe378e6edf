import assert from "node:assert/strict";
import { test } from "node:test";
import { FleetHistory } from "./history.ts";
import { Issued } from "./issued.ts";
import { fleetShape } from "./shape.ts";
import { Tables } from "./tables.ts";

const SHAPE = fleetShape(300, 86_400);

/** Steps a history of two columns, and keeps at each tick what `said` gives for both at every anchor. */
function kept(ticks: number, values: (tick: number) => number[], said: (tick: number, a: number) => number[]) {
  const tables = new Tables(2);
  const history = new FleetHistory(SHAPE, tables, 10);
  const issued = new Issued(SHAPE, tables, history, "test");
  for (let tick = 0; tick < ticks; tick++) {
    history.step(tick, Float64Array.from(values(tick)), new Float64Array(2), 0, 2);
    SHAPE.anchors.forEach((_, a) => {
      issued.keep(tick, a, Float64Array.from(said(tick, a)), 0, 2);
    });
  }
  return issued;
}

test("what was said comes back when its tick has come, to four thousandths of the move that was said", () => {
  const issued = kept(
    200,
    (tick) => [1000 + tick, 5],
    (tick, a) => [1000 + tick + 10 * (a + 1), 5],
  );
  const out = new Float64Array(2);
  SHAPE.anchors.forEach((ahead, a) => {
    if ((200 - ahead) % SHAPE.strides[a] !== 0) return;
    issued.due(200, a, out, 0, 2);
    const move = 10 * (a + 1);
    assert.ok(Math.abs(out[0] - (1000 + 200 - ahead + move)) <= 0.004 * move + 1e-3, `${ahead}: ${out[0]}`);
    assert.equal(out[1], 5);
  });
});

test("what was never said is no number, and a gap does not change what was", () => {
  const out = new Float64Array(2);
  kept(
    50,
    () => [1, 1],
    () => [Number.NaN, 2],
  ).due(50, 0, out, 0, 2);
  assert.ok(Number.isNaN(out[0]));
  assert.equal(out[1], 2);
  kept(
    50,
    (tick) => [tick > 10 ? Number.NaN : 3, 1],
    () => [7, 2],
  ).due(50, 0, out, 0, 2);
  assert.ok(Math.abs(out[0] - 7) < 0.03);
});
