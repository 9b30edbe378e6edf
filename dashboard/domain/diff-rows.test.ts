import assert from "node:assert/strict";
import { test } from "node:test";
import type { PropertyChange } from "../../model/changeset.ts";
import { diffRows, diffSentence } from "./diff-rows.ts";

const change = (over: Partial<PropertyChange>): PropertyChange => ({
  urn: "urn:pulumi:dev::shop::foreshadow:local:Pool::web",
  type: "foreshadow:local:Pool",
  resource: "web",
  operation: "update",
  property: "replicas",
  ...over,
});

test("a row has old and new with units, and whether a number grew", () => {
  const [replicas, memory, size, at] = diffRows([
    change({ before: 4, after: 6 }),
    change({ property: "memory", before: 4 * 1024 ** 3, after: 2 * 1024 ** 3 }),
    change({ property: "size", before: "10GiB", after: "20GiB" }),
    change({ property: "plan[0].at", after: 1_800_000_000 }),
  ]);
  assert.deepEqual([replicas.before, replicas.after, replicas.direction], ["4", "6", "up"]);
  assert.deepEqual([memory.before, memory.after, memory.direction], ["4GiB", "2GiB", "down"]);
  assert.equal(size.direction, undefined);
  assert.deepEqual([at.before, at.after], ["–", "2027-01-15T08:00Z"]);
  assert.equal(diffSentence(replicas), "web: replicas 4 → 6");
});

test("a plan is told by its steps", () => {
  const [row] = diffRows([
    change({
      property: "plan",
      after: [
        { at: 1_800_000_000, floor: 6 },
        { at: 1_800_003_600, floor: 4 },
      ],
    }),
  ]);
  assert.deepEqual([row.before, row.after], ["–", "2027-01-15T08:00Z 6, 2027-01-15T09:00Z 4"]);
});

test("a resource that comes or goes has no values", () => {
  const [row] = diffRows([change({ operation: "delete", property: "" })]);
  assert.equal(diffSentence(row), "web: (delete)");
});
