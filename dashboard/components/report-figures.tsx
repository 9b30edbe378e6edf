import type { ReportView } from "../../engine/feedback/report.ts";
import { reportTotals } from "../domain/report-totals.ts";
import { counted } from "../format/quantity.ts";
import { span } from "../format/time.ts";

/** Savings and violations, beside what else could have been done. */
export function ReportFigures({ report }: { readonly report: ReportView }) {
  const { judged, violations, savedReplicaHours, savedUsd, ...counts } = reportTotals(report);
  if (judged === 0) return <p class="hint">Nothing was measured yet that says how many replicas were needed.</p>;
  const rounded = Math.round(savedReplicaHours * 10) / 10;
  return (
    <dl class="figures">
      <Figure
        name="Saved against reactive-only"
        value={`${rounded.toLocaleString("en")} replica-hours${savedUsd === null ? "" : `, ${savedUsd.toFixed(2)} USD`}`}
      />
      <Figure name="Violations" value={`${counted(violations.acted, "tick")} of ${span(report.step)}`} />
      <Figure name="Reactive-only would have had" value={counted(violations.reactive, "tick")} />
      <Figure name="Doing nothing" value={counted(violations.nothing, "tick")} />
      <Figure name="Actions" value={`${counts.actions}, ${counted(counts.falseAlarms, "false alarm")}`} />
      <Figure
        name="Anomalies"
        value={`${counts.anomalies.toLocaleString("en")}, ${counted(counts.incidents, "incident")}`}
      />
    </dl>
  );
}

export function Figure({ name, value }: { readonly name: string; readonly value: string | number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
