import assert from "node:assert/strict";
import { test } from "node:test";
import { parseColumns } from "./columns.ts";

test("every column but the time is a series on the commonest step, and late rows go to the nearest tick", () => {
  const [load, errors] = parseColumns("timestamp,load,errors\n0,1,0\n60,2,0\n125,3,1\n180,4,0\n", "any.csv");
  assert.deepEqual([load.column, load.startsAt, load.step, [...load.values]], ["load", 0, 60, [1, 2, 3, 4]]);
  assert.deepEqual([errors.column, [...errors.values]], ["errors", [0, 0, 1, 0]]);
});

test("a date without a zone is in UTC, and the time may be called otherwise", () => {
  const [{ startsAt, step }] = parseColumns(
    "when,value\r\n2014-02-14 14:30:00,1\r\n2014-02-14 14:35:00,2\r\n",
    "any.csv",
  );
  assert.deepEqual([startsAt, step], [Date.UTC(2014, 1, 14, 14, 30) / 1000, 300]);
  assert.equal(
    parseColumns("t,v\n2014-02-14T14:30+02:00,1\n2014-02-14T14:35+02:00,2\n", "any.csv")[0].startsAt,
    startsAt - 7_200,
  );
});

test("what is missing, negative or no number is a gap", () => {
  const [{ values }] = parseColumns("t,v\n0,1\n10,-1\n20,oops\n30,\n60,7\n70,8", "any.csv");
  assert.deepEqual([...values], [1, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 7, 8]);
});

test("what cannot be read is refused with file, line and what was expected", () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => parseColumns(text, "any.csv"), { name: "InputError", message });
  refused("", /any\.csv:1: expected a timestamp and at least one more column/);
  refused("t,v\n0,1\n", /at least two rows of different times, found 1 rows/);
  refused("t,v\n0,1\nnoon,1\n", /any\.csv:3: expected epoch seconds or a date and time, found "noon"/);
  refused("t,v\n60,1\n0,1\n", /any\.csv:3: expected a time no earlier/);
  refused("t,v\n0,1\n1,1\n9000000000,1\n", /at most 1100000 ticks of 1 s/);
});
