import assert from "node:assert/strict";
import { test } from "node:test";
import { MissingNotes } from "./missing-notes.ts";

test("what is missing is told once a reason and workload, its metrics together", () => {
  const lines: string[] = [];
  const notes = new MissingNotes((line) => void lines.push(line));
  const missing = [
    { metric: "disk_read", reason: "needs root" },
    { metric: "disk_write", reason: "needs root" },
  ] as const;
  for (let tick = 0; tick < 3; tick++) notes.note({ workload: "web", missing });
  notes.note({ workload: "db", missing: [missing[0]] });
  assert.deepEqual(lines, [
    "web: not measured: disk_read, disk_write: needs root",
    "db: not measured: disk_read: needs root",
  ]);
});

test("reasons without end are not told without end", () => {
  const lines: string[] = [];
  const notes = new MissingNotes((line) => void lines.push(line));
  for (let i = 0; i < 1000; i++) notes.note({ workload: "web", missing: [{ metric: "cpu", reason: `reason ${i}` }] });
  assert.equal(lines.length, 20);
});
