import type { Command } from "commander";
import { contextOf, person, withEngine } from "../context.ts";
import { describeChangeset } from "../describe-changeset.ts";

export default function define(program: Command): Command {
  return program
    .command("approve")
    .argument("<changeset>", "identifier of a changeset that waits")
    .addHelpText("after", "\nExample:\n  foreshadow approve cs-20261124-0800-1")
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const changeset = await engine.approve(id, person());
        context.output.result(changeset, () => describeChangeset(changeset));
      });
    });
}
