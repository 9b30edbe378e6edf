import assert from "node:assert/strict";
import { test } from "node:test";
import { AlertBook, type Sighting } from "./alert-book.ts";

function seen(ratio: number): Sighting {
  return { subject: "cpu", ratio, describe: () => ({ multiple: ratio, movers: [], text: `ratio ${ratio}` }) };
}

function changes(ratios: readonly number[], quietTicks = 3) {
  const book = new AlertBook("web", quietTicks);
  return ratios.flatMap((ratio, at) => {
    const event = book.sight(seen(ratio), at);
    return event === undefined ? [] : [`${at} ${event.change}`];
  });
}

test("an alert opens above its threshold and is over after it was quiet for a while", () => {
  assert.deepEqual(changes([0.5, 1.2, 0.4, 0.4, 0.4, 0.4]), ["1 opened", "4 resolved"]);
});

test("what flaps around the threshold is one alert", () => {
  assert.deepEqual(changes([1.1, 0.9, 1.1, 0.4, 0.3, 1.2, 0.6, 1.1]), ["0 opened"]);
});

test("it is told again when it has become half as bad again, not at every tick", () => {
  assert.deepEqual(changes([1.1, 1.2, 1.8, 1.9, 2.6, 2.8]), ["0 opened", "2 updated", "5 updated"]);
});

test("a gap neither opens nor ends an alert", () => {
  const gap = Number.NaN;
  assert.deepEqual(changes([gap, 1.5, gap, gap, gap, gap, gap, 0, 0, 0]), ["1 opened", "9 resolved"]);
});

test("the same alert keeps its name, and one that was over is kept to be looked at", () => {
  const book = new AlertBook("web", 1);
  const opened = book.sight(seen(2), 10);
  const over = book.sight(seen(0), 20);
  assert.equal(opened?.alert.id, "web/cpu/10");
  assert.equal(over?.alert.id, "web/cpu/10");
  assert.equal(over?.alert.resolvedAt, 20);
  assert.deepEqual(book.alerts, [over?.alert]);
});
