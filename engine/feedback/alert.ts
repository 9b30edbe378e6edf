import type { SeriesName } from "../../model/dimension.ts";

/** A process whose usage grew or fell with an anomaly. */
export interface Mover {
  readonly host: string;
  readonly pid: number;
  readonly executable: string;
  /** The function that its CPU time is in, or that it grew by, where it was profiled: `hot (app.js)`. */
  readonly function?: string;
  /** Usage before the anomaly and now, in the unit of the series. */
  readonly before: number;
  readonly now: number;
}

/** What an alert is about: one series, all of a workload's series together, an incident, or capacity that does not come. */
export type AlertSubject = SeriesName | "joint" | "incident" | "capacity";

/** Something that a person should look at, from when it was noticed until it is over. All numbers are finite. */
export interface Alert {
  /** `WORKLOAD/SUBJECT/OPENED`: the same alert keeps it. */
  readonly id: string;
  readonly workload: string;
  readonly subject: AlertSubject;
  /** Epoch seconds. */
  readonly openedAt: number;
  readonly updatedAt: number;
  readonly resolvedAt?: number;
  /** Where it was farthest outside: what came and what was expected, in the unit of the series. Absent for what has no unit. */
  readonly value?: number;
  readonly expected?: number;
  /** How far outside, in multiples of the forecast's usual error; for an incident, 0. */
  readonly multiple: number;
  readonly movers: readonly Mover[];
  /** One sentence for people. */
  readonly text: string;
}

export type AlertChange = "opened" | "updated" | "resolved";

/** What those hear who follow alerts. */
export interface AlertEvent {
  readonly change: AlertChange;
  readonly alert: Alert;
}
