import type { Command } from "commander";
import { contextOf, person, withEngine } from "../context.ts";
import { describeChangeset } from "../describe-changeset.ts";
import { describeEnvelope, describeWaiting, isEnvelope } from "../describe-envelope.ts";

export default function define(program: Command): Command {
  return program
    .command("approve")
    .argument("[changeset]", "identifier of a changeset or an envelope that waits; what waits is listed when left out")
    .addHelpText("after", "\nExample:\n  foreshadow approve cs-20261124-0800-1\n  foreshadow approve envelope-dev")
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        if (id === undefined) {
          const waiting = (await engine.changesets()).filter(({ state }) => state === "awaiting-approval");
          const envelopes = await engine.envelopes();
          context.output.result({ changesets: waiting, envelopes }, () => describeWaiting(waiting, envelopes));
          return;
        }
        if (isEnvelope(id)) {
          const envelope = await engine.approveEnvelope(id, person());
          context.output.result(envelope, () => describeEnvelope(envelope));
          return;
        }
        const changeset = await engine.approve(id, person());
        context.output.result(changeset, () => describeChangeset(changeset));
      });
    });
}
