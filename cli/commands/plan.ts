import type { Command } from "commander";
import type { PlanStep } from "../../model/capacity.ts";
import { formatInstant } from "../../model/instant.ts";
import { reasonsForPeople } from "../../model/reasons-for-people.ts";
import { contextOf, withEngine } from "../context.ts";
import { table } from "../output.ts";

export default function define(program: Command): Command {
  return program
    .command("plan")
    .argument("<workload>", "workload")
    .addHelpText("after", "\nExample:\n  foreshadow plan web")
    .action(async (workload: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const plan = await engine.plan(workload);
        context.output.result(plan, () => [
          ...stepLines("in force", plan.inForce),
          ...stepLines("would be published now", plan.proposed),
          "why",
          ...reasonsForPeople(plan.reasons).map(({ text }) => `  - ${text}`),
        ]);
      });
    });
}

function stepLines(title: string, steps: readonly PlanStep[]): string[] {
  if (steps.length === 0) return [`${title}: no steps`];
  const most = Math.max(...steps.map(({ floor }) => floor));
  return [
    `${title}:`,
    ...table(
      steps.map(({ at, floor }) => [
        "",
        formatInstant(at),
        String(floor),
        "█".repeat(Math.ceil((40 * floor) / Math.max(1, most))),
      ]),
    ),
  ];
}
