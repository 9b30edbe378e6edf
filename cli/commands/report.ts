import type { Command } from "commander";
import type { Course } from "../../engine/feedback/course.ts";
import type { ActionReport, ReportView, WorkloadReport } from "../../engine/feedback/report.ts";
import { InputError } from "../../model/input-error.ts";
import { formatInstant } from "../../model/instant.ts";
import { formatShort } from "../../model/units.ts";
import { contextOf, withEngine } from "../context.ts";
import { durationArgument } from "../duration-argument.ts";
import { table } from "../output.ts";
import { type HistoryArguments, reportHistory } from "../report-history.ts";
import { withServerOptions } from "../server-options.ts";

const MOST_DAYS = 31;
const SINCE = "7d";

export default function define(program: Command): Command {
  const command = program
    .command("report")
    .argument("[workload]", "only this workload; with a history a pattern, * for any text")
    .option("--since <duration>", `how far back (default: ${SINCE}; of a history 14d, of files all)`)
    .option(
      "--prometheus [url]",
      "judge by the history of this server, or of the project's, instead of by what was done",
    )
    .option(
      "--csv <files...>",
      "judge by recorded traces: timestamp and any of cpu, memory, disk_read, …, one file a workload",
    )
    .option("--until <timestamp>", "end of the history, epoch seconds or ISO 8601 (default: now)")
    .option("--step <duration>", "seconds a tick of the history", "5m")
    .option("--start-delay <duration>", "from asking for a replica to its being ready", "5m")
    .option("--violation <share>", "share of ticks that may be short", "1%")
    .option("--threads <count>", "threads that judge (default: one a processor)")
    .option("--out <directory>", "where the report of a history is written", "foreshadow-report");
  return withServerOptions(command)
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow report web --since 7d\n  foreshadow report --prometheus http://127.0.0.1:9090 --since 14d\n  foreshadow report --csv shop.csv\n\nWithout a history: each action beside what forecasts left out (reactive-only) and what was asked for before (nothing) would have come to, on the\ndemand that came, with the same lead time. Cells are ticks with too few replicas / replica-ticks. A false alarm added what was not needed\nuntil the next action, or within a day.\n\nWith a history no engine and no project are needed, and nothing is changed: its workloads are replayed, and what each would have cost and how\noften it would have been short is set beside today's capacity and reactive-only. Writes report.html, report.json and constraints that fit.",
    )
    .action(async (workload: string | undefined, options: HistoryArguments, command: Command) => {
      const context = contextOf(command);
      if (options.prometheus !== undefined && options.csv !== undefined)
        throw new InputError("--csv", [{ path: "", expected: "files or --prometheus", found: "both" }]);
      if (options.prometheus !== undefined || options.csv !== undefined)
        return reportHistory(context, workload, options);
      const { since = SINCE } = options;
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
