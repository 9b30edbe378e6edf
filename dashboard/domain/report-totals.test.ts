import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkloadReport } from "../../engine/feedback/report.ts";
import { reportTotals } from "./report-totals.ts";

const course = (violationTicks: number) => ({ violationTicks, cost: 1 });
const of = (over: Partial<WorkloadReport>): WorkloadReport => ({
  ...{ workload: "web", ticks: 10, actions: [], scaleOuts: 0, falseAlarms: 0, falseAlarmRate: null },
  ...{ savedReplicaHours: null, savedUsd: null, anomalies: 1, incidents: 0, recalibrations: 0 },
  ...over,
});

test("workloads add up; one that nothing can be said of counts for nothing, and no price is no zero", () => {
  const totals = { acted: course(1), reactive: course(4), nothing: course(9) };
  const sum = (workloads: WorkloadReport[]) => reportTotals({ from: 0, to: 1, step: 60, workloads });
  const { judged, violations, savedReplicaHours, savedUsd } = sum([
    of({ totals, savedReplicaHours: 2.5 }),
    of({ totals, savedReplicaHours: -1 }),
    of({ note: "no usage" }),
  ]);
  assert.deepEqual(
    [judged, violations, savedReplicaHours, savedUsd],
    [2, { acted: 2, reactive: 8, nothing: 18 }, 1.5, null],
  );
  assert.equal(sum([of({ totals, savedUsd: 3 })]).savedUsd, 3);
});
