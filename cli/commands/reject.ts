import type { Command } from "commander";
import { contextOf, person, withEngine } from "../context.ts";
import { describeChangeset } from "../describe-changeset.ts";
import { describeEnvelope, isEnvelope } from "../describe-envelope.ts";

export default function define(program: Command): Command {
  return program
    .command("reject")
    .argument("<changeset>", "identifier of a changeset or an envelope that waits")
    .addHelpText("after", "\nExample:\n  foreshadow reject cs-20261124-0800-1")
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        if (isEnvelope(id)) {
          const envelope = await engine.rejectEnvelope(id, person());
          context.output.result(envelope, () => describeEnvelope(envelope));
          return;
        }
        const changeset = await engine.reject(id, person());
        context.output.result(changeset, () => describeChangeset(changeset));
      });
    });
}
