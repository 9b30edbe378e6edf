import assert from "node:assert/strict";
import { test } from "node:test";
import { bandChart } from "./band-chart.ts";

test("history stands left of now, the band and its middle right of it", () => {
  const chart = bandChart(
    [1, 2, 4],
    [
      { ahead: 1, point: 4, lower: 2, upper: 6 },
      { ahead: 3, point: 6, lower: 4, upper: 8 },
    ],
    { width: 12, height: 5 },
  );
  assert.equal(chart.length, 5);
  assert.match(chart[0], /^ {7}8 ┤/);
  const text = chart.join("\n");
  assert.equal(text.match(/•/g)?.length, 3);
  assert.ok(text.includes("─") && text.includes("░"));
});

test("a gap in the history stays empty, and no history at all is said", () => {
  const chart = bandChart([1, null, 1], [], { width: 12, height: 3 }).join("\n");
  assert.equal(chart.match(/•/g)?.length, 2);
  assert.deepEqual(bandChart([], []), ["  no data yet"]);
});

test("a planned event is marked under the ticks that it lasts", () => {
  const forecast = [1, 2, 3, 4].map((ahead) => ({ ahead, point: 1, lower: 1, upper: 1 }));
  const chart = bandChart([1, 1, 1, 1], forecast, { marks: [{ first: 2, last: 3 }], width: 8, height: 3 });
  assert.equal(chart.length, 4);
  assert.equal(chart[3], `${" ".repeat(10 + 5)}▲▲`);
  assert.equal(bandChart([1, 1], forecast, { marks: [{ first: 9, last: 12 }], height: 3 }).length, 3);
});
