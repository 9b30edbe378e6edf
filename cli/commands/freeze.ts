import type { Command } from "commander";
import { contextOf, person } from "../context.ts";
import { holdWriter, requireWorkload } from "../holds.ts";

export default function define(program: Command): Command {
  return program
    .command("freeze")
    .argument("[workload]", "workload; all of them when left out", "*")
    .option("--all", "also stop the rescue of present demand")
    .option("--reason <text>", "why, for the record")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow freeze web --reason 'incident 4711'\n\nActs within a second, with the engine and its store up or down.",
    )
    .action(async (workload: string, options: { all?: boolean; reason?: string }, command: Command) => {
      const context = contextOf(command);
      const files = context.project();
      requireWorkload(files, workload);
      const freeze = { workload, all: options.all === true, by: person(), reason: options.reason };
      await (await holdWriter(files)).freeze(freeze);
      context.output.result(freeze, () => [
        `${workload === "*" ? "all workloads" : workload}: frozen${freeze.all ? " entirely" : "; rescue of present demand goes on"}`,
      ]);
    });
}
