import type { Command } from "commander";
import { heldBesides } from "../../engine/file-holds.ts";
import { contextOf, person } from "../context.ts";
import { holdWriter } from "../holds.ts";

export default function define(program: Command): Command {
  return program
    .command("unfreeze")
    .argument("[workload]", "workload; the holds on all of them when left out", "*")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow unfreeze web\n\nEnds the workload's freeze and its pin; without a workload, the holds on all of them, and says\nwhich single ones are left.",
    )
    .action(async (workload: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      const files = context.project();
      await (await holdWriter(files)).unfreeze(workload, person());
      const stillHeld = heldBesides(files, workload, Date.now() / 1000);
      context.output.result({ workload, stillHeld }, () =>
        stillHeld.length === 0
          ? [`${workload === "*" ? "all workloads" : workload}: no longer held`]
          : [
              `${workload === "*" ? "the holds on all workloads" : `the holds on ${workload}`} are ended; still in force:`,
              ...stillHeld.map((one) => `  ${one}: foreshadow unfreeze${one === "*" ? "" : ` ${one}`}`),
            ],
      );
    });
}
