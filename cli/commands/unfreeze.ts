import type { Command } from "commander";
import { contextOf, person } from "../context.ts";
import { holdWriter } from "../holds.ts";

export default function define(program: Command): Command {
  return program
    .command("unfreeze")
    .argument("[workload]", "workload; the holds on all of them when left out", "*")
    .addHelpText("after", "\nExample:\n  foreshadow unfreeze web\n\nEnds the workload's freeze and its pin.")
    .action(async (workload: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      await (await holdWriter(context.project())).unfreeze(workload, person());
      context.output.result({ workload }, () => [`${workload === "*" ? "all workloads" : workload}: no longer held`]);
    });
}
