import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../../engine/feedback/alert.ts";
import type { Quarantine } from "../../engine/feedback/quarantine.ts";
import type { Changeset } from "../../model/changeset.ts";
import { marksOf } from "./marks.ts";
import { planRows } from "./plan-rows.ts";
import { ordered } from "./workload-states.ts";

const capacity = { owns: "desired", replicas: { count: 2 }, plan: [], perReplica: {}, storage: {}, network: {} };
const change = (state: string, createdAt: number) =>
  ({ id: `cs-${createdAt}`, state, createdAt, before: capacity, after: capacity }) as unknown as Changeset;
const alert = (workload: string) => ({ workload, openedAt: 20, text: "cpu is unusual" }) as Alert;
const quarantine = (over: object) => ({ from: 5, kind: "deploy", reason: "release", by: "ann", ...over }) as Quarantine;

test("marks are those of the workload, in the order of time; what is open ends now, what was taken back is none", () => {
  const marks = marksOf(
    {
      workload: "web",
      changesets: [change("done", 30), change("superseded", 31), change("unchanged", 32)],
      alerts: [alert("web"), alert("api")],
      quarantines: [quarantine({}), quarantine({ undone: { at: 9, by: "ann" } })],
      holds: [
        { kind: "pin", workload: "web", from: 10, to: 15, by: "ann", min: 4 },
        { kind: "freeze", workload: "*", from: 25, by: "bo", reason: "night" },
      ],
      events: [{ name: "launch", from: 50, to: 60, series: {} }],
    },
    40,
  );
  assert.deepEqual(
    marks.map(({ kind, from, to, changeset }) => [kind, from, to, changeset]),
    [
      ["quarantine", 5, 40, undefined],
      ["hold", 10, 15, undefined],
      ["anomaly", 20, 40, undefined],
      ["hold", 25, 40, undefined],
      ["action", 30, undefined, "cs-30"],
      ["event", 50, 60, undefined],
    ],
  );
  assert.deepEqual(
    marks.filter(({ kind }) => kind === "hold").map(({ text }) => text),
    ["pinned to at least 4 (by ann)", "all workloads frozen (by bo): night"],
  );
});

test("two plans stand beside each other by their instants", () => {
  assert.deepEqual(
    planRows(
      [
        { at: 10, floor: 2 },
        { at: 20, floor: 3 },
      ],
      [
        { at: 15, floor: 4 },
        { at: 20, floor: 5 },
      ],
    ),
    [
      { at: 10, inForce: 2 },
      { at: 15, proposed: 4 },
      { at: 20, inForce: 3, proposed: 5 },
    ],
  );
});

test("states are told the most pressing first, and only those that are known", () => {
  assert.deepEqual(ordered(["trusted", "new-state", "waiting"]), ["waiting", "trusted"]);
});
