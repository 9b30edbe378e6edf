import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseExposition } from "./exposition.ts";

const NAMES = new Set(["a_total", "b"]);
const parse = (text: string, openMetrics = false) => {
  const { samples, malformed } = parseExposition(text, NAMES, openMetrics, 50);
  return {
    malformed,
    told: samples.map(({ name, labels, value, at }) => [name, Object.fromEntries(labels), value, at]),
  };
};

test("samples with and without labels and times; comments and other names are passed over", () => {
  const text =
    '# HELP a_total x\n# TYPE a_total counter\na_total 1\na_total{x="1",y="q",} 2.5e3 1700000000123\n\nother{x="1"} 7\n  \nb\t+Inf\nb NaN\n';
  assert.deepEqual(parse(text), {
    malformed: 0,
    told: [
      ["a_total", {}, 1, 50],
      ["a_total", { x: "1", y: "q" }, 2500, 1_700_000_000.123],
      ["b", {}, Number.POSITIVE_INFINITY, 50],
    ],
  });
});

test("label values with quotes, backslashes, line ends, braces and what is no escape", () => {
  assert.deepEqual(parse('b{x="a\\"b\\\\c\\nd",y="}{,=",z="\\q"} 1').told, [
    ["b", { x: 'a"b\\c\nd', y: "}{,=", z: "\\q" }, 1, 50],
  ]);
});

test("OpenMetrics has seconds, exemplars and an end", () => {
  const text = 'a_total{x="1"} 3 12.5 # {trace="t"} 0.5 12.1\na_total 4 # {} 1\n# EOF\n';
  assert.deepEqual(parse(text, true), {
    malformed: 0,
    told: [
      ["a_total", { x: "1" }, 3, 12.5],
      ["a_total", {}, 4, 50],
    ],
  });
});

test("what is no line is left out and counted", () => {
  const wrong = [
    "a_total",
    "a_total x",
    'a_total{x="1" 2',
    "a_total{x=1} 2",
    'a_total{="1"} 2',
    'a_total{x="1} 2',
    "a_total 1 2 3",
    "a_total 1 x",
    "a_total 0x10",
    "{} 1",
    "<html>",
    'a_total{x="1"y="2"} 1',
  ];
  const { malformed, told } = parse([...wrong, "b 1"].join("\n"));
  assert.equal(malformed, wrong.length);
  assert.deepEqual(told, [["b", {}, 1, 50]]);
});

test("no text does more than be left out", () => {
  const part = fc.constantFrom(
    "a_total",
    "b",
    "{",
    "}",
    '"',
    "\\",
    "=",
    ",",
    " ",
    "\n",
    "#",
    "1",
    "x",
    "e9",
    "\0",
    "é",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join("")),
      ),
      fc.boolean(),
      (text, open) => {
        for (const { value, at } of parseExposition(text, NAMES, open, 50).samples)
          assert.ok(!Number.isNaN(value) && Number.isFinite(at));
      },
    ),
    { numRuns: 500 },
  );
});
