import type { Command } from "commander";
import { contextOf, withEngine } from "../context.ts";
import { describeChangeset } from "../describe-changeset.ts";
import { EXIT } from "../exit-code.ts";
import { settled } from "../settled.ts";

export default function define(program: Command): Command {
  return program
    .command("apply")
    .argument("<changeset>", "identifier of a changeset that is approved, or whose commit is on the branch")
    .option("--no-wait", "return at once")
    .addHelpText(
      "after",
      "\nExample:\n  git merge refs/foreshadow/cs-20261124-0800-1\n  foreshadow apply cs-20261124-0800-1\n\nThe engine does so by itself at its next tick. What nobody has approved goes on waiting.",
    )
    .action(async (id: string, options: { wait: boolean }, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const begun = await engine.apply(id);
        const changeset = options.wait
          ? await settled(engine, id, (state) => context.output.progress(`${id} ${state} …`))
          : begun;
        context.output.result(changeset, () => describeChangeset(changeset));
        if (options.wait && changeset.state !== "done") process.exitCode = EXIT.failed;
      });
    });
}
