import type { Assessment } from "./assess.ts";

/** What the past of many workloads says of what scaling them would come to. */
export interface HistoryReport {
  readonly version: 1;
  /** Where the past is from: the address of a server, or names of files. */
  readonly source: string;
  /** Seconds: of a tick, and from asking for a replica to its being ready. */
  readonly step: number;
  readonly startDelay: number;
  /** Share of ticks that may be short. */
  readonly violation: number;
  /** Best first. */
  readonly workloads: readonly Assessment[];
}

/** Sums over the workloads that could be judged. */
export interface ReportTotals {
  readonly judged: number;
  readonly worth: number;
  /** Replica-hours. */
  readonly today: number;
  readonly reactive: number;
  readonly foreshadow: number;
  /** Replica-hours of all, those that are worth it under Foreshadow and the others as they are today. */
  readonly chosen: number;
}

const ORDER = { "worth it": 0, "not worth it": 1, "cannot tell": 2 };

/** Replica-hours less than today's. */
export function savedHours({ courses }: Assessment): number {
  return courses === undefined ? 0 : courses.today.replicaHours - courses.foreshadow.replicaHours;
}

/** Those that are worth it first, and of those the ones that save most; then by name. */
export function inOrder(workloads: readonly Assessment[]): Assessment[] {
  return [...workloads].sort(
    (a, b) =>
      ORDER[a.verdict.worth] - ORDER[b.verdict.worth] ||
      (a.verdict.worth === "worth it" ? savedHours(b) - savedHours(a) : 0) ||
      a.workload.localeCompare(b.workload),
  );
}

export function totalsOf(workloads: readonly Assessment[]): ReportTotals {
  const totals = { judged: 0, worth: 0, today: 0, reactive: 0, foreshadow: 0, chosen: 0 };
  for (const { courses, verdict } of workloads) {
    if (courses === undefined) continue;
    const worth = verdict.worth === "worth it";
    totals.judged++;
    totals.worth += worth ? 1 : 0;
    totals.today += courses.today.replicaHours;
    totals.reactive += courses.reactive.replicaHours;
    totals.foreshadow += courses.foreshadow.replicaHours;
    totals.chosen += worth ? courses.foreshadow.replicaHours : courses.today.replicaHours;
  }
  return totals;
}
