import type { Command } from "commander";
import type { Course } from "../../engine/feedback/course.ts";
import type { ActionReport, ReportView, WorkloadReport } from "../../engine/feedback/report.ts";
import { InputError } from "../../model/input-error.ts";
import { formatInstant } from "../../model/instant.ts";
import { formatShort } from "../../model/units.ts";
import { contextOf, withEngine } from "../context.ts";
import { durationArgument } from "../duration-argument.ts";
import { table } from "../output.ts";

const MOST_DAYS = 31;

export default function define(program: Command): Command {
  return program
    .command("report")
    .argument("[workload]", "only this workload")
    .option("--since <duration>", "how far back", "7d")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow report web --since 7d\n\nEach action beside what forecasts left out (reactive-only) and what was asked for before (nothing) would have come to, on the\ndemand that came, with the same lead time. Cells are ticks with too few replicas / replica-ticks. A false alarm added what was not needed\nuntil the next action, or within a day.",
    )
    .action(async (workload: string | undefined, { since }: { since: string }, command: Command) => {
      const context = contextOf(command);
      const seconds = durationArgument("--since", since);
      if (!(seconds > 0 && seconds <= MOST_DAYS * 86_400))
        throw new InputError("--since", [
          { path: "", expected: `a duration above 0 and at most ${MOST_DAYS}d`, found: since },
        ]);
      await withEngine(context, async (engine) => {
        const to = Date.now() / 1000;
        const report = await engine.report({ ...(workload === undefined ? {} : { workload }), from: to - seconds, to });
        context.output.result(report, () => reportLines(report));
      });
    });
}

function reportLines({ from, to, workloads }: ReportView): string[] {
  return [`${formatInstant(from)} to ${formatInstant(to)}`, ...workloads.flatMap(workloadLines)];
}

function workloadLines(report: WorkloadReport): string[] {
  const { workload, ticks, totals, note, scaleOuts, falseAlarms, savedReplicaHours, savedUsd } = report;
  const saved =
    savedReplicaHours === null
      ? "savings unknown"
      : `${formatShort(savedReplicaHours)} replica-hours${savedUsd === null ? "" : `, ${formatShort(savedUsd)} USD`} less than reactive-only`;
  const actions = report.actions.map(actionCells);
  return [
    "",
    `${workload}: ${report.actions.length} actions, ${falseAlarms} of ${scaleOuts} scale-outs false alarms, ${saved}; ` +
      `${report.anomalies} anomalies, ${report.incidents} incidents, ${report.recalibrations} recalibrations`,
    ...(note === undefined ? [] : [`  ${note}`]),
    ...table([
      ["  action", "at", "replicas", "acted", "reactive-only", "nothing", ""],
      ...actions,
      ...(totals === undefined
        ? []
        : [[`  all ${ticks} ticks`, "", "", cell(totals.acted), cell(totals.reactive), cell(totals.nothing), ""]]),
    ]),
  ];
}

function actionCells({ changeset, at, from, to, acted, reactive, nothing, falseAlarm }: ActionReport): string[] {
  const replicas = `${from} to ${to}`;
  const judged = falseAlarm === true ? "false alarm" : "";
  return [`  ${changeset}`, formatInstant(at), replicas, cell(acted), cell(reactive), cell(nothing), judged];
}

function cell({ violationTicks, cost }: Course): string {
  return `${violationTicks} / ${cost}`;
}
