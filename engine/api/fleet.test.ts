import assert from "node:assert/strict";
import { test } from "node:test";
import type { Changeset, ChangesetState } from "../../model/changeset.ts";
import type { Alert } from "../feedback/alert.ts";
import type { WorkloadView } from "./engine-control.port.ts";
import { countStates, type FleetRow, fleetRows, selectRows } from "./fleet.ts";

const view = (name: string, rest: Partial<WorkloadView> = {}): WorkloadView => ({
  name,
  mode: "auto",
  at: 60,
  asked: 2,
  ready: 2,
  reporting: 2,
  need: 1,
  target: 2,
  series: {},
  reasons: [],
  ...rest,
});
const changeset = (workload: string, state: ChangesetState) => ({ id: `cs-${workload}`, workload, state }) as Changeset;
const stacks = new Map([["a", "prod"]]);

test("a workload's line says what holds of it", () => {
  const trusted = { series: { cpu: { trusted: true } } } as unknown as Partial<WorkloadView>;
  const alerts = [{ workload: "c" }, { workload: "a", resolvedAt: 5 }] as Alert[];
  const open = [changeset("a", "applying"), changeset("b", "awaiting-approval")];
  const workloads = [
    view("a", trusted),
    view("b", { frozen: { workload: "b", all: false, since: 1, by: "ann" } }),
    view("c", { short: "3 wanted" }),
  ];
  const rows = fleetRows(workloads, stacks, alerts, open);
  assert.deepEqual(
    rows.map(({ name, stack, states, changeset }) => [name, stack, states, changeset]),
    [
      ["a", "prod", ["trusted", "acting"], "cs-a"],
      ["b", "", ["frozen", "waiting"], "cs-b"],
      ["c", "", ["anomaly", "short"], undefined],
    ],
  );
  const counts = { workloads: 3, trusted: 1, acting: 1, frozen: 1, anomaly: 1, waiting: 1, short: 1 };
  assert.deepEqual(countStates(rows), counts);
});

test("lines are found by name or stack and by state, and sorted, equals by name", () => {
  const rows = fleetRows(
    [view("b"), view("a", { need: 4 }), view("c"), view("d", { at: null, short: "x" })],
    stacks,
    [],
    [],
  );
  const names = (query: Partial<Parameters<typeof selectRows>[1]>): string[] =>
    selectRows(rows, { sort: "name", order: "asc", ...query }).map(({ name }: FleetRow) => name);
  assert.deepEqual(names({}), ["a", "b", "c", "d"]);
  assert.deepEqual(names({ order: "desc" }), ["d", "c", "b", "a"]);
  assert.deepEqual(names({ search: "PRO" }), ["a"]);
  assert.deepEqual(names({ sort: "need", order: "desc" }), ["a", "b", "c", "d"]);
  assert.deepEqual(names({ sort: "at" }), ["d", "a", "b", "c"]);
  assert.deepEqual(names({ sort: "state", order: "desc" }), ["d", "a", "b", "c"]);
  assert.deepEqual(names({ state: "short" }), ["d"]);
});
