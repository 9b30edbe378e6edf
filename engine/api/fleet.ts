import type { Changeset } from "../../model/changeset.ts";
import { UNDER_WAY } from "../../model/changeset.ts";
import type { Alert } from "../feedback/alert.ts";
import type { WorkloadView } from "./engine-control.port.ts";

/** What a person looks for in a fleet. */
export const WORKLOAD_STATES = ["trusted", "acting", "frozen", "anomaly", "waiting", "short"] as const;
export type WorkloadStateName = (typeof WORKLOAD_STATES)[number];

/** One workload of a fleet, in a line. */
export interface FleetRow
  extends Pick<
    WorkloadView,
    "name" | "mode" | "at" | "asked" | "ready" | "reporting" | "need" | "target" | "changeset" | "short"
  > {
  readonly stack: string;
  readonly states: readonly WorkloadStateName[];
}

export interface FleetQuery {
  readonly search?: string;
  readonly state?: WorkloadStateName;
  readonly sort: "name" | "need" | "ready" | "at" | "state";
  readonly order: "asc" | "desc";
}

/** A fleet's lines, from what is known of each workload. */
export function fleetRows(
  workloads: readonly WorkloadView[],
  stacks: ReadonlyMap<string, string>,
  alerts: readonly Alert[],
  open: readonly Changeset[],
): FleetRow[] {
  const alerted = new Set(alerts.filter(({ resolvedAt }) => resolvedAt === undefined).map(({ workload }) => workload));
  const changesets = new Map(open.map((changeset) => [changeset.workload, changeset]));
  return workloads.map((view) => {
    const { name, mode, at, asked, ready, reporting, need, target, short } = view;
    const changeset = changesets.get(name);
    const is: Record<WorkloadStateName, boolean> = {
      trusted: Object.values(view.series).some((series) => series?.trusted),
      acting: changeset !== undefined && UNDER_WAY.includes(changeset.state),
      frozen: view.frozen !== undefined,
      anomaly: alerted.has(name),
      waiting: changeset?.state === "awaiting-approval",
      short: short !== undefined,
    };
    return {
      name,
      mode,
      stack: stacks.get(name) ?? "",
      ...{ at, asked, ready, reporting, need, target },
      states: WORKLOAD_STATES.filter((state) => is[state]),
      ...(changeset === undefined ? {} : { changeset: changeset.id }),
      ...(short === undefined ? {} : { short }),
    };
  });
}

/** How many workloads are in each state. */
export function countStates(rows: readonly FleetRow[]): Record<WorkloadStateName | "workloads", number> {
  const count = (state: WorkloadStateName) => rows.filter(({ states }) => states.includes(state)).length;
  const counts = Object.fromEntries(WORKLOAD_STATES.map((state) => [state, count(state)]));
  return { workloads: rows.length, ...counts } as Record<WorkloadStateName | "workloads", number>;
}

/** The lines that are asked for, in the order that is asked for; equals by name. */
export function selectRows(rows: readonly FleetRow[], { search, state, sort, order }: FleetQuery): FleetRow[] {
  const text = search?.toLowerCase();
  const found = rows.filter(
    (row) =>
      (text === undefined || `${row.name} ${row.stack}`.toLowerCase().includes(text)) &&
      (state === undefined || row.states.includes(state)),
  );
  const sign = order === "asc" ? 1 : -1;
  const byName = (a: FleetRow, b: FleetRow) => (a.name < b.name ? -1 : Number(a.name > b.name));
  if (sort === "name") return found.sort((a, b) => sign * byName(a, b));
  const value = (row: FleetRow) => (sort === "state" ? urgency(row) : (row[sort] ?? 0));
  return found.sort((a, b) => sign * (value(a) - value(b)) || byName(a, b));
}

/** What wants a person most is greatest. */
function urgency({ states }: FleetRow): number {
  const order: readonly WorkloadStateName[] = ["trusted", "frozen", "acting", "anomaly", "waiting", "short"];
  return Math.max(-1, ...states.map((state) => order.indexOf(state)));
}
