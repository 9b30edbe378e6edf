import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProcessStat, parseProcessStat, statName } from "./process-stat.ts";

const blank = (): ProcessStat => ({ parent: 0, userTime: 0, systemTime: 0, threads: 0, startTime: 0, resident: 0 });

function line(name: string): Buffer {
  return Buffer.from(
    `4242 (${name}) S 17 4242 4242 34816 -1 4194304 1211 0 12 0 331 57 8 9 20 -5 3 0 987654 10485760 1280 18446744073709551615 1 1 0\n`,
  );
}

for (const name of ["web", "a b", "a) R 1 2 3 (b", "))((", "two\nlines", "", "ünï"])
  test(`fields are found behind the name ${JSON.stringify(name)}`, () => {
    const bytes = line(name);
    const stat = blank();
    assert.equal(parseProcessStat(bytes, bytes.length, stat), true);
    assert.deepEqual(stat, {
      parent: 17,
      userTime: 331,
      systemTime: 57,
      threads: 3,
      startTime: 987654,
      resident: 1280,
    });
  });

test("a line that is cut before its last field is no stat line", () => {
  const bytes = line("web");
  const cut = bytes.indexOf(" 1280");
  for (const length of [0, 5, 12, 40, cut]) assert.equal(parseProcessStat(bytes, length, blank()), false, `${length}`);
});

test("what stands in the buffer behind the line is not read", () => {
  const bytes = Buffer.concat([line("web"), Buffer.from("1 (old) S 9 9 9) 9 9 9 9")]);
  const stat = blank();
  assert.equal(parseProcessStat(bytes, line("web").length, stat), true);
  assert.equal(stat.parent, 17);
});

test("a name keeps its parentheses and loses what would break a line", () => {
  const bytes = line("a) (b\nc");
  assert.equal(statName(bytes, bytes.length), "a) (b?c");
});
