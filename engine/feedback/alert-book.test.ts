import assert from "node:assert/strict";
import { test } from "node:test";
import { AlertBook, type Sighting } from "./alert-book.ts";

function seen(ratio: number, size = ratio, lasting = 1): Sighting {
  const describe = () => ({ multiple: size, movers: [], text: `size ${size}` });
  return { subject: "cpu", ratio, size, lasting, describe };
}

function changes(ratios: readonly number[], { quietTicks = 3, lasting = 1 } = {}) {
  const book = new AlertBook("web", quietTicks);
  return ratios.flatMap((ratio, at) => {
    const event = book.sight(seen(ratio, ratio, lasting), at);
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

test("nobody is told of an anomaly that does not last, nor that it is over", () => {
  const short = [1.2, 3, 1.5, 0.2, 0.2, 0.2, 0.2];
  assert.deepEqual(changes(short, { lasting: 4 }), []);
  assert.deepEqual(changes([...short.slice(0, 3), 1.1, 0.2, 0.2, 0.2, 0.2], { lasting: 4 }), [
    "3 opened",
    "6 resolved",
  ]);
  assert.deepEqual(changes([1.2, 1.2, 0.3, 1.2, 1.2, 0.3, 1.2, 1.2], { lasting: 4 }), []);
  assert.deepEqual(changes(new Array(20).fill(5), { lasting: Number.POSITIVE_INFINITY }), []);
});

test("an alert shows the tick that was farthest outside, when it opens and when it is over", () => {
  const book = new AlertBook("web", 2);
  book.sight(seen(1.4, 0.3, 3), 1);
  book.sight(seen(2, 7, 3), 2);
  const opened = book.sight(seen(1.2, 0.4, 3), 3);
  assert.deepEqual([opened?.change, opened?.alert.multiple], ["opened", 7]);
  book.sight(seen(1.3, 9, 3), 4);
  book.sight(seen(0.1, 0.1, 3), 5);
  const over = book.sight(seen(0.1, 0.1, 3), 6);
  assert.deepEqual([over?.change, over?.alert.text], ["resolved", "size 9"]);
});

test("the same alert keeps its name over a restart, and one that was over is kept to be looked at", () => {
  const book = new AlertBook("web", 1);
  const opened = book.sight(seen(2), 10);
  const again = new AlertBook("web", 1);
  again.restore(JSON.parse(JSON.stringify(book.snapshot())));
  const over = again.sight(seen(0), 20);
  assert.equal(opened?.alert.id, "web/cpu/10");
  assert.equal(over?.alert.id, "web/cpu/10");
  assert.equal(over?.alert.resolvedAt, 20);
  assert.deepEqual(again.alerts, [over?.alert]);
  assert.equal(again.detected, 1);
});
