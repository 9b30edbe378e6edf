import { useState } from "preact/hooks";
import type { ReportView } from "../../engine/feedback/report.ts";
import { useResource } from "../client/use-resource.ts";
import { Loaded } from "../components/loaded.tsx";
import { ReportFigures } from "../components/report-figures.tsx";

const DAY = 86_400;

/** Savings and violations of the last day, read once somebody wants them: over many workloads it is work for the engine. */
export function FleetReport() {
  const [to, setTo] = useState<number>();
  const report = useResource<ReportView>(to === undefined ? undefined : `report?from=${to - DAY}&to=${to}`);
  return (
    <details
      class="panel"
      onToggle={({ currentTarget }) => {
        if (currentTarget.open && to === undefined) setTo(Math.floor(Date.now() / 1000));
      }}
    >
      <summary>Savings and violations of the last 24 hours</summary>
      {to !== undefined && (
        <Loaded resource={report} what="the report">
          {(data) => <ReportFigures report={data} />}
        </Loaded>
      )}
    </details>
  );
}
