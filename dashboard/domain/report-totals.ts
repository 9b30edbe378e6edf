import type { ReportView } from "../../engine/feedback/report.ts";

/** What a report comes to over all of its workloads. */
export interface ReportTotals {
  /** Workloads with something measured. */
  readonly judged: number;
  /** Ticks in which need was greater than what served: as it went, with reactive scaling alone, and with nothing done. */
  readonly violations: { readonly acted: number; readonly reactive: number; readonly nothing: number };
  readonly savedReplicaHours: number;
  /** `null` where no replica has a price. */
  readonly savedUsd: number | null;
  readonly actions: number;
  readonly falseAlarms: number;
  readonly anomalies: number;
  readonly incidents: number;
}

export function reportTotals({ workloads }: ReportView): ReportTotals {
  const judged = workloads.flatMap(({ totals }) => totals ?? []);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const priced = workloads.flatMap(({ savedUsd }) => savedUsd ?? []);
  return {
    judged: judged.length,
    violations: {
      acted: sum(judged.map(({ acted }) => acted.violationTicks)),
      reactive: sum(judged.map(({ reactive }) => reactive.violationTicks)),
      nothing: sum(judged.map(({ nothing }) => nothing.violationTicks)),
    },
    savedReplicaHours: sum(workloads.flatMap(({ savedReplicaHours }) => savedReplicaHours ?? [])),
    savedUsd: priced.length === 0 ? null : sum(priced),
    actions: sum(workloads.map(({ actions }) => actions.length)),
    falseAlarms: sum(workloads.map(({ falseAlarms }) => falseAlarms)),
    anomalies: sum(workloads.map(({ anomalies }) => anomalies)),
    incidents: sum(workloads.map(({ incidents }) => incidents)),
  };
}
