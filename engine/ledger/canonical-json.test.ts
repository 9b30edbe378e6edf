import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "./canonical-json.ts";

test("the order in which keys were set does not show", () => {
  assert.equal(canonicalJson({ b: 1, a: { d: [1, 2], c: "x" } }), '{"a":{"c":"x","d":[1,2]},"b":1}');
  assert.equal(canonicalJson({ a: { c: "x", d: [1, 2] }, b: 1 }), canonicalJson({ b: 1, a: { d: [1, 2], c: "x" } }));
});

test("keys are ordered by UTF-16 code units, as RFC 8785 says", () => {
  const keys = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];
  const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
  assert.deepEqual(Object.keys(JSON.parse(text.replace('"1":0,', ""))), [
    "\r",
    "\u0080",
    "\u00f6",
    "\u20ac",
    "\ud83d\ude00",
    "\ufb33",
  ]);
});

test("what is read back has the same text again", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      assert.equal(canonicalJson(JSON.parse(text)), text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("a property without a value is left away", () => {
  assert.equal(canonicalJson({ a: undefined, b: null }), '{"b":null}');
});

test("what JSON would silently change is refused with its path", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const [value, message] of [
    [{ a: [1, Number.NaN] }, /a\[1\]: expected a finite number, found NaN/],
    [{ a: { b: Number.POSITIVE_INFINITY } }, /a\.b: expected a finite number/],
    [[undefined], /\[0\]: expected a JSON value, found undefined/],
    [{ at: new Date(0) }, /at: expected a plain object, found Date/],
    [{ a: new Float64Array(2) }, /found Float64Array/],
    [1n, /found bigint/],
    [cycle, /a cycle/],
  ] as const)
    assert.throws(() => canonicalJson(value), message);
});
