import type { Command } from "commander";
import { InputError } from "../../model/input-error.ts";
import { formatInstant } from "../../model/instant.ts";
import { contextOf, person } from "../context.ts";
import { countArgument, durationArgument } from "../duration-argument.ts";
import { holdWriter, requireWorkload } from "../holds.ts";

export default function define(program: Command): Command {
  return program
    .command("pin")
    .argument("<workload>", "workload")
    .option("--min <replicas>", "at least so many replicas")
    .option("--max <replicas>", "at most so many replicas")
    .requiredOption("--for <duration>", "how long, 30m or 2h")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow pin web --min 40 --for 2h\n\nActs within a second, is recorded, and needs no review.",
    )
    .action(async (workload: string, options: { min?: string; max?: string; for: string }, command: Command) => {
      const context = contextOf(command);
      const min = options.min === undefined ? undefined : countArgument("--min", options.min);
      const max = options.max === undefined ? undefined : countArgument("--max", options.max);
      if (min === undefined && max === undefined)
        throw new InputError("pin", [{ path: "", expected: "--min, --max or both", found: "neither" }]);
      if (min !== undefined && max !== undefined && min > max)
        throw new InputError("--min", [{ path: "", expected: `at most --max (${max})`, found: String(min) }]);
      const pin = {
        workload,
        min,
        max,
        until: Math.floor(Date.now() / 1000) + durationArgument("--for", options.for),
        by: person(),
      };
      const files = context.project();
      requireWorkload(files, workload);
      await (await holdWriter(files)).pin(pin);
      context.output.result(pin, () => [
        `${workload}: ${[min === undefined ? "" : `at least ${min}`, max === undefined ? "" : `at most ${max}`].filter(Boolean).join(", ")} replicas until ${formatInstant(pin.until)}`,
      ]);
    });
}
