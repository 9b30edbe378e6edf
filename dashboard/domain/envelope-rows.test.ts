import assert from "node:assert/strict";
import { test } from "node:test";
import { envelopeRows } from "./envelope-rows.ts";

test("the day is cut where either envelope changes, and says what is new", () => {
  const before = { until: 1, hours: [{ from: 0, to: 24, least: 2, greatest: 6 }] };
  const after = {
    until: 2,
    hours: [
      { from: 0, to: 8, least: 2, greatest: 6 },
      { from: 8, to: 20, least: 3, greatest: 9 },
    ],
  };
  assert.deepEqual(envelopeRows({ workload: "web", before, after }), [
    { hours: "00–08", before: "2 to 6", after: "2 to 6", changed: false },
    { hours: "08–20", before: "2 to 6", after: "3 to 9", changed: true },
    { hours: "20–24", before: "2 to 6", after: "–", changed: true },
  ]);
  assert.deepEqual(
    envelopeRows({ workload: "web", after }).map((row) => row.before),
    ["–", "–"],
  );
});
