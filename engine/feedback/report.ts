import type { Course } from "./course.ts";

/** One action, and what else could have been done until the next. */
export interface ActionReport {
  readonly changeset: string;
  /** Epoch seconds. */
  readonly at: number;
  readonly until: number;
  readonly from: number;
  readonly to: number;
  readonly acted: Course;
  readonly reactive: Course;
  readonly nothing: Course;
  /** More was asked for than what came needed: what was there would have done. `undefined` where nothing was added or measured. */
  readonly falseAlarm?: boolean;
}

export interface WorkloadReport {
  readonly workload: string;
  /** Measured ticks of the time that the report is about. */
  readonly ticks: number;
  readonly actions: readonly ActionReport[];
  /** Over the whole time; absent where nothing says how many replicas were needed, with the reason in `note`. */
  readonly totals?: { readonly acted: Course; readonly reactive: Course; readonly nothing: Course };
  readonly note?: string;
  readonly scaleOuts: number;
  readonly falseAlarms: number;
  /** `null` while there was no scale-out. */
  readonly falseAlarmRate: number | null;
  /** Replica-hours less than reactive-only, and USD where a replica has a price. Negative: it cost more. */
  readonly savedReplicaHours: number | null;
  readonly savedUsd: number | null;
  readonly anomalies: number;
  readonly incidents: number;
  readonly recalibrations: number;
}

export interface ReportView {
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly workloads: readonly WorkloadReport[];
}

/** The summary of a workload's actions. */
export function summarise(
  workload: string,
  actions: readonly ActionReport[],
  whole: { readonly totals: NonNullable<WorkloadReport["totals"]>; readonly ticks: number } | string,
  {
    step,
    price,
    ...counts
  }: { step: number; price?: number; anomalies: number; incidents: number; recalibrations: number },
): WorkloadReport {
  const judged = actions.filter(({ falseAlarm }) => falseAlarm !== undefined);
  const falseAlarms = judged.filter(({ falseAlarm }) => falseAlarm === true).length;
  const told = typeof whole === "string" ? undefined : whole;
  const saved = told && ((told.totals.reactive.cost - told.totals.acted.cost) * step) / 3600;
  return {
    workload,
    ticks: told?.ticks ?? 0,
    actions,
    ...(told === undefined ? { note: String(whole) } : { totals: told.totals }),
    scaleOuts: judged.length,
    falseAlarms,
    falseAlarmRate: judged.length === 0 ? null : falseAlarms / judged.length,
    savedReplicaHours: saved ?? null,
    savedUsd: saved === undefined || price === undefined ? null : saved * price,
    ...counts,
  };
}
