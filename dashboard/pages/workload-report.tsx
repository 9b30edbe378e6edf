import { useState } from "preact/hooks";
import type { ReportView } from "../../engine/feedback/report.ts";
import { useResource } from "../client/use-resource.ts";
import { Loaded } from "../components/loaded.tsx";
import { ReportFigures } from "../components/report-figures.tsx";

const DAY = 86_400;

/** What a workload's actions of the last day came to. */
export function WorkloadReport({ workload }: { readonly workload: string }) {
  const [to] = useState(() => Math.floor(Date.now() / 1000));
  const span = `from=${to - DAY}&to=${to}&workload=${encodeURIComponent(workload)}`;
  const report = useResource<ReportView>(`report?${span}`);
  return (
    <section aria-labelledby="report" class="panel">
      <h2 id="report">What it came to, last 24 hours</h2>
      <Loaded resource={report} what="the report">
        {(data) => <ReportFigures report={data} />}
      </Loaded>
    </section>
  );
}
