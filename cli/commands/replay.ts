import { closeSync, openSync } from "node:fs";
import { type Command, Option } from "commander";
import { NotFound } from "../../engine/api/engine-control.port.ts";
import { createForecaster } from "../../engine/forecast/forecaster.ts";
import { openRecords } from "../../engine/open-records.ts";
import { readInput } from "../../engine/project-files.ts";
import { recompute } from "../../engine/replay/recompute.ts";
import { NATIVE_RULES, type NativeRule, type ReplayLine, replay } from "../../engine/replay/replay.ts";
import type { ReplaySummary } from "../../engine/replay/score.ts";
import { parseTrace } from "../../engine/replay/trace.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { InputError } from "../../model/input-error.ts";
import { formatInstant, parseInstant } from "../../model/instant.ts";
import { type Context, contextOf } from "../context.ts";
import { durationArgument, utilisationArgument, violationArgument } from "../duration-argument.ts";
import { EXIT } from "../exit-code.ts";
import { paced } from "../output.ts";
import { writeFully } from "../write-fully.ts";

interface ReplayArguments {
  readonly trace?: string;
  readonly capacity?: string;
  readonly constraints?: string;
  readonly workload?: string;
  readonly startDelay: string;
  readonly from?: string;
  readonly violation?: string;
  readonly season: string;
  readonly native?: string;
  readonly nativeRule: NativeRule;
  readonly reactive?: boolean;
  readonly out?: string;
}

export default function define(program: Command): Command {
  return program
    .command("replay")
    .argument("[changeset]", "recompute the decision of this changeset instead of replaying a trace")
    .option(
      "--trace <file>",
      "CSV: timestamp and any of cpu, memory, disk_read, disk_write, network_receive, network_transmit, requests",
    )
    .option("--capacity <file>", "capacity file; what it asks for is there when the run begins")
    .option("--constraints <file>", "constraints file")
    .option("--workload <name>", "workload of the capacity file, where it has more than one")
    .option("--start-delay <duration>", "from asking for a replica to its being ready", "5m")
    .option("--from <timestamp>", "first tick of the run, epoch seconds or ISO 8601; what lies before is history")
    .option("--violation <share>", "share of ticks that may be short, instead of the constraints' own")
    .option("--season <duration>", "length of the daily pattern; another than 24h where time is compressed", "24h")
    .option("--native <utilisation>", "with owns: floor, the utilisation that the native autoscaler tracks", "70%")
    .addOption(
      new Option("--native-rule <rule>", "with owns: floor, how it does: as a cloud or as Kubernetes")
        .choices(NATIVE_RULES)
        .default("target-tracking"),
    )
    .option("--reactive", "without forecasts: what present demand alone would have done")
    .option("--out <file>", "write the lines there; without it they go to standard output")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow replay --trace web.csv --capacity capacity/dev.yaml --constraints policies/web.yaml \\\n    --start-delay 5m --from 2026-11-10T00:00Z --out run.jsonl\n\nThe same forecast and decision code as the engine's, with a simulated clock. One JSON object a tick, the last one the summary.",
    )
    .action(async (changeset: string | undefined, options: ReplayArguments, command: Command) => {
      const context = contextOf(command);
      if (changeset !== undefined) return decideAgain(context, changeset);
      runReplay(context, options);
    });
}

function runReplay(context: Context, options: ReplayArguments): void {
  const required = (name: "trace" | "capacity" | "constraints" | "from", flag: string) => {
    const value = options[name];
    if (value === undefined) throw new InputError(flag, [{ path: "", expected: "a value", found: "nothing" }]);
    return value;
  };
  const tracePath = required("trace", "--trace");
  const capacityPath = required("capacity", "--capacity");
  const constraintsPath = required("constraints", "--constraints");
  const fromText = required("from", "--from");
  const from = parseInstant(fromText);
  if (from === undefined)
    throw new InputError("--from", [
      { path: "", expected: "epoch seconds or an instant such as 2026-11-24T08:00Z", found: fromText },
    ]);
  const run = replay({
    capacity: chosen(parseCapacity(readInput(capacityPath), capacityPath), capacityPath, options.workload),
    constraints: parseConstraints(readInput(constraintsPath), constraintsPath),
    trace: parseTrace(readInput(tracePath), tracePath),
    startDelay: durationArgument("--start-delay", options.startDelay),
    from,
    violation: options.violation === undefined ? undefined : violationArgument("--violation", options.violation),
    nativeUtilisation: options.native === undefined ? undefined : utilisationArgument("--native", options.native),
    nativeRule: options.nativeRule,
    season: durationArgument("--season", options.season),
    ...(options.reactive === true ? {} : { forecaster: createForecaster }),
  });
  const summary = writeLines(run, options.out, context);
  if (options.out !== undefined && summary !== undefined)
    context.output.result({ summary }, () => summaryLines(summary));
}

function chosen(capacities: ReadonlyMap<string, Capacity>, file: string, workload: string | undefined): Capacity {
  const name = workload ?? (capacities.size === 1 ? [...capacities.keys()][0] : undefined);
  const capacity = name === undefined ? undefined : capacities.get(name);
  if (capacity !== undefined) return capacity;
  throw new InputError(file, [
    {
      path: "",
      expected: workload === undefined ? "one workload (or --workload)" : `the workload ${workload}`,
      found: [...capacities.keys()].join(", ") || "none",
    },
  ]);
}

/**
 * Lines are written in blocks: one write a line would cost more than the replay.
 *
 * @returns `undefined` when whoever reads them has gone
 */
function writeLines(
  run: Generator<ReplayLine, ReplaySummary>,
  out: string | undefined,
  { output }: Context,
): ReplaySummary | undefined {
  const descriptor = out === undefined ? 1 : openedForWriting(out);
  const told = paced(output);
  let block = "";
  let ticks = 0;
  try {
    for (;;) {
      const { value, done } = run.next();
      block += `${JSON.stringify(done ? { summary: value } : value)}\n`;
      if (block.length > 1 << 16 || done) {
        if (!writeFully(descriptor, block)) return undefined;
        block = "";
      }
      if (done) return value;
      ticks++;
      told(() => `${ticks} ticks, at ${formatInstant(value.timestamp)}`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== "write") throw error;
    throw new Error(`${out ?? "standard output"}: after ${ticks} ticks: ${(error as Error).message}`, { cause: error });
  } finally {
    if (out !== undefined) closeSync(descriptor);
  }
}

function openedForWriting(file: string): number {
  try {
    return openSync(file, "w", 0o644);
  } catch (error) {
    throw new InputError("--out", [
      { path: "", expected: "a file that can be written", found: (error as Error).message },
    ]);
  }
}

function summaryLines(summary: ReplaySummary): string[] {
  const { ticks, violationTicks, unservedShare, cost, minimumCost, actions } = summary;
  return [
    `${ticks} ticks, ${violationTicks} short (${((100 * violationTicks) / Math.max(1, ticks)).toFixed(2)} %), unserved ${(100 * unservedShare).toFixed(3)} %`,
    `cost ${cost} replica-ticks, ${(cost / Math.max(1, minimumCost)).toFixed(2)} x the minimum with perfect foresight (${minimumCost})`,
    `${actions} actions`,
  ];
}

/** Decides again on what the evidence stored. Equal to the byte, or the exit code says that it is not. */
async function decideAgain({ output, project }: Context, id: string): Promise<void> {
  const reader = openRecords(project());
  try {
    const changeset = await reader.changeset(id);
    if (changeset === undefined) throw new NotFound(`no changeset ${id}; list them with \`foreshadow explain\``);
    const again = recompute(changeset);
    if (again === undefined) throw new NotFound(`${id} rests on a person's word, not on a decision`);
    const { equal, decision } = again;
    output.result({ changeset: id, equal, capacity: decision.capacity, reasons: decision.reasons }, () => [
      `${id}: recomputed ${equal ? "to the byte" : "DIFFERENTLY"} (decided with Node ${changeset.evidence?.node}, now ${process.versions.node})`,
      ...decision.reasons.map((reason) => `  - ${reason.text}`),
    ]);
    if (!equal) process.exitCode = EXIT.failed;
  } finally {
    reader.close();
  }
}
