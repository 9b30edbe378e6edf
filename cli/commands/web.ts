import type { Command } from "commander";
import { askWebLink } from "../../engine/api/client.ts";
import { Refused } from "../../engine/api/engine-control.port.ts";
import { contextOf, person } from "../context.ts";

export default function define(program: Command): Command {
  return program
    .command("web")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow web\n\nThe link works once, within two minutes; the session that it begins lasts twelve hours at most. Whoever may use the engine's\nsocket gets in by it with all rights. Others get in with a token: `foreshadow token create`.",
    )
    .action(async (_options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const { store } = project();
      const link = await askWebLink(store, person());
      if (link === undefined)
        throw new Refused("expected an engine that runs, found none; start it with `foreshadow run`");
      output.result(link, () => [link.url]);
    });
}
