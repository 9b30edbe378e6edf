import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reason } from "./reason.ts";
import { reasonsForPeople } from "./reasons-for-people.ts";

const texts = (reasons: readonly Reason[]) => reasonsForPeople(reasons).map(({ text }) => text);

test("what drove comes first, what did not count last, and what holds of several series is one line", () => {
  const reasons: Reason[] = [
    { kind: "cold-start", text: "cold start: 0.0 of 2 days of history of cpu, memory" },
    { kind: "untrusted", series: "cpu", text: "cpu: the forecast counts for nothing: cold start" },
    { kind: "untrusted", series: "memory", text: "memory: the forecast counts for nothing: cold start" },
    { kind: "demand", series: "cpu", text: "cpu 4 needs 6" },
    { kind: "step", text: "6 instead of 12 in one step" },
    { kind: "short", text: "1 short of 7" },
    { kind: "pin", text: "pinned to at least 3" },
  ];
  assert.deepEqual(texts(reasons), [
    "1 short of 7",
    "pinned to at least 3",
    "cpu 4 needs 6",
    "6 instead of 12 in one step",
    "cold start: 0.0 of 2 days of history of cpu, memory",
    "cpu, memory: the forecast counts for nothing: cold start",
  ]);
});

test("the same said of one series twice is said once, and different things stay apart", () => {
  const told = (series: Reason["series"], text: string): Reason => ({ kind: "telemetry", series, text });
  assert.deepEqual(
    texts([
      told("cpu", "cpu: no measurement; nothing is released"),
      told("cpu", "cpu: no measurement; nothing is released"),
      told("disk", "disk: zero from running replicas; nothing is released"),
      told("network", "network: no measurement; nothing is released"),
    ]),
    ["cpu, network: no measurement; nothing is released", "disk: zero from running replicas; nothing is released"],
  );
});
