import type { Command } from "commander";
import type { Changeset } from "../../model/changeset.ts";
import { contextOf, person, withEngine } from "../context.ts";
import { describeChangeset } from "../describe-changeset.ts";
import { EXIT } from "../exit-code.ts";
import { settled } from "../settled.ts";

export default function define(program: Command): Command {
  return program
    .command("rollback")
    .argument("<changeset>", "identifier of the changeset to take back")
    .option("--no-wait", "return once the reverse is proposed")
    .addHelpText("after", "\nExample:\n  foreshadow rollback cs-20261124-0800-1")
    .action(async (id: string, options: { wait: boolean }, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const proposed = await engine.rollback(id, person());
        const reverse: Changeset = options.wait
          ? await settled(engine, proposed.id, (state) => context.output.progress(`${proposed.id} ${state} …`))
          : proposed;
        context.output.result(reverse, () => describeChangeset(reverse));
        if (options.wait && reverse.state !== "done" && reverse.state !== "awaiting-approval")
          process.exitCode = EXIT.failed;
      });
    });
}
