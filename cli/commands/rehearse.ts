import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Argument, type Command, Option } from "commander";
import { readInput } from "../../engine/project-files.ts";
import { rehearseDay } from "../../engine/replay/rehearse-day.ts";
import { parseTrace } from "../../engine/replay/trace.ts";
import { parseCatalogue } from "../../model/catalogue.ts";
import { InputError } from "../../model/input-error.ts";
import { formatInstant, parseInstant } from "../../model/instant.ts";
import { parseFaults } from "../../stacks/simulated/fault-file.ts";
import { CLOUDS, type Cloud } from "../../stacks/simulated/rehearsal.ts";
import { contextOf } from "../context.ts";
import { durationArgument } from "../duration-argument.ts";
import { EXIT } from "../exit-code.ts";

interface RehearseArguments {
  readonly trace: string;
  readonly from: string;
  readonly for: string;
  readonly machines: string;
  readonly mode: "auto" | "review";
  readonly directory?: string;
  readonly catalogue?: string;
  readonly faults?: string;
}

const MOST_MACHINES = 500;

export default function define(program: Command): Command {
  return program
    .command("rehearse")
    .addArgument(new Argument("<cloud>", "the cloud that is simulated").choices(CLOUDS))
    .requiredOption(
      "--trace <file>",
      "CSV as for replay: timestamp and cpu, or one other column that stands for the load",
    )
    .requiredOption("--from <timestamp>", "where in the trace to begin; what lies before is history")
    .option("--for <duration>", "how much of it", "24h")
    .option("--machines <number>", "machines that the busiest tick calls for: the trace is scaled to it", "12")
    .addOption(
      new Option(
        "--mode <mode>",
        "review: changes and envelopes are requests that a simulated reviewer merges; what an envelope covers goes on without asking",
      )
        .choices(["auto", "review"])
        .default("auto"),
    )
    .option(
      "--directory <path>",
      "keep the project, its history and the simulated world there; without it nothing is kept",
    )
    .option("--catalogue <file>", "types that the machines may be: one of which none are to be had is left for another")
    .option("--faults <file>", "what the simulated cloud does wrong, and from when on")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow rehearse aws --trace web.csv --from 2026-11-10T00:00Z --directory /tmp/rehearsal\n\nThe engine, git, Pulumi and the cloud's SDK are the real ones; the cloud behind the provider, and time, are simulated. Nothing reaches a cloud. A day takes about ten to fifteen minutes on two cores.",
    )
    .action(async (cloud: Cloud, options: RehearseArguments, command: Command) => {
      const { output } = contextOf(command);
      const trace = parseTrace(readInput(options.trace), options.trace);
      const from = parseInstant(options.from);
      if (from === undefined || !Number.isFinite(from))
        throw new InputError("--from", [
          { path: "", expected: "epoch seconds or an instant such as 2026-11-24T08:00Z", found: options.from },
        ]);
      const to = from + durationArgument("--for", options.for);
      const end = trace.startsAt + trace.ticks * trace.step;
      if (from < trace.startsAt || to > end)
        throw new InputError("--from", [
          {
            path: "",
            expected: `a stretch within ${formatInstant(trace.startsAt)} and ${formatInstant(end)}`,
            found: `${formatInstant(from)} to ${formatInstant(to)}`,
          },
        ]);
      const machines = Number(options.machines);
      if (!(machines >= 1 && machines <= MOST_MACHINES))
        throw new InputError("--machines", [
          { path: "", expected: `a number from 1 to ${MOST_MACHINES}`, found: options.machines },
        ]);
      const directory = options.directory ?? mkdtempSync(join(tmpdir(), "foreshadow-rehearsal-"));
      const tidy = () => {
        if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
      };
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.on(signal, () => {
          if (stop.signal.aborted) {
            tidy();
            process.exit(EXIT.failed);
          }
          output.progress("stopping: what is under way is ended first; once more to stop at once");
          stop.abort(new Error(`the rehearsal was ended by ${signal}`));
        });
      try {
        const day = await rehearseDay({
          cloud,
          directory: resolve(directory),
          trace,
          from,
          to,
          machines,
          mode: options.mode,
          ...(options.catalogue !== undefined && {
            catalogue: parseCatalogue(readInput(options.catalogue), options.catalogue),
          }),
          ...(options.faults !== undefined && { faults: parseFaults(readInput(options.faults), options.faults) }),
          say: (text) => output.progress(text),
          signal: stop.signal,
        });
        output.result(day, () => [
          `simulated ${day.cloud}: nothing of this reached a cloud`,
          `changes       ${
            Object.entries(day.changesets)
              .map(([state, count]) => `${count} ${state}`)
              .join(", ") || "none"
          }`,
          ...(day.review === undefined
            ? []
            : [
                `approved      ${day.review.approvals.envelope} by an envelope, ${day.review.approvals.merge} by a merge; ${day.review.requests} requests, at most ${day.review.mostOpen} open at once`,
                `pushes        ${day.review.pushes.requests} to the branch of requests, ${day.review.pushes.base} to the branch that is desired`,
              ]),
          `writes        ${day.writes} to the cloud${day.unapproved.length === 0 ? ", all of them approved" : `; NOT APPROVED: ${day.unapproved.join(", ")}`}`,
          `short ticks   ${day.shortTicks.foreshadow} of ${day.ticks}; the cloud's own autoscaler alone: ${day.shortTicks.nativeOnly}`,
          `machine-hours ${day.machineHours.foreshadow}; alone: ${day.machineHours.nativeOnly}`,
          `ledger        ${day.ledger.entries} entries, ${day.ledger.valid ? "valid" : "NOT VALID"}`,
          `at the end    ${day.drift.length === 0 ? "code, state and cloud agree" : `a preview would change ${day.drift.join(", ")}`}`,
          `took          ${Math.round(day.seconds / 60)} min`,
          ...(options.directory === undefined ? [] : [`kept in ${resolve(directory)}`]),
        ]);
        if (!day.ledger.valid || day.drift.length > 0 || day.unapproved.length > 0) process.exitCode = EXIT.failed;
      } finally {
        tidy();
      }
    });
}
