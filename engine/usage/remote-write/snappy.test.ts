import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { snappyBlock } from "./snappy.fixture.ts";
import { decompressSnappy } from "./snappy.ts";

const text = (bytes: readonly number[]) => Buffer.from(decompressSnappy(Uint8Array.from(bytes), 1000)).toString();

test("literals and copies, of one, two and four bytes of offset, also such that overlap", () => {
  const abcd = [3 << 2, 97, 98, 99, 100];
  assert.equal(text([4, ...abcd]), "abcd");
  assert.equal(text([8, ...abcd, 1, 4]), "abcdabcd", "one byte of offset");
  assert.equal(text([8, ...abcd, (3 << 2) | 2, 4, 0]), "abcdabcd", "two");
  assert.equal(text([8, ...abcd, (3 << 2) | 3, 4, 0, 0, 0]), "abcdabcd", "four");
  assert.equal(text([10, ...abcd, (5 << 2) | 2, 1, 0]), "abcddddddd", "overlapping");
  assert.equal(text([3, 60 << 2, 2, 120, 121, 122]), "xyz", "a literal whose length stands apart");
  assert.equal(text([0]), "");
});

test("what was compressed comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      assert.deepEqual(Buffer.from(decompressSnappy(snappyBlock(bytes), 5000)), Buffer.from(bytes));
    }),
    { numRuns: 50 },
  );
});

test("what says that it becomes too much is refused before anything is made of it", () => {
  assert.throws(() => decompressSnappy(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x0f]), 1000), RangeError);
});

test("no bytes do more than be refused", () => {
  for (const wrong of [
    [],
    [4],
    [4, 1, 0],
    [4, 3 << 2, 97],
    [1, 3 << 2, 97, 98, 99, 100],
    [8, 0, 97, 1, 0],
    [8, 0, 97, 2, 9, 0],
  ])
    assert.throws(() => text(wrong), SyntaxError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decompressSnappy(bytes, 10_000);
      } catch (error) {
        assert.ok(error instanceof SyntaxError || error instanceof RangeError, String(error));
      }
    }),
  );
});
