import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFaults } from "./fault-file.ts";

test("faults come in the order of their instants, once and before the work unless said otherwise", () => {
  const file = `version: 1
faults:
  - { at: 2026-11-10T09:00Z, on: update, type: "aws:ebs/volume:Volume", when: after, message: lost, times: 3 }
  - { at: 2026-11-10T08:00Z, on: launch, type: m7i.large, zone: eu-central-1a, message: InsufficientInstanceCapacity }
`;
  const begin = Date.parse("2026-11-10T08:00Z") / 1000;
  assert.deepEqual(parseFaults(file, "faults.yaml"), [
    {
      at: begin,
      fault: {
        on: "launch",
        type: "m7i.large",
        zone: "eu-central-1a",
        when: "before",
        message: "InsufficientInstanceCapacity",
        times: 1,
      },
    },
    {
      at: begin + 3600,
      fault: { on: "update", type: "aws:ebs/volume:Volume", when: "after", message: "lost", times: 3 },
    },
  ]);
});

test("what is no fault is named with its line", () => {
  const file = "version: 1\nfaults:\n  - { at: 2026-11-10T09:00Z, on: lunch, message: none }\n";
  assert.throws(() => parseFaults(file, "faults.yaml"), /faults\.yaml:3: faults\.0\.on: expected .*launch/);
});
