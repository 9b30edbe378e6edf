import type { Command } from "commander";
import { NotFound } from "../../engine/api/engine-control.port.ts";
import { openRecords } from "../../engine/open-records.ts";
import { proposedCommit } from "../../engine/review/proposed-commit.ts";
import { contextOf } from "../context.ts";
import { propertyLine } from "../describe-changeset.ts";
import { table } from "../output.ts";

export default function define(program: Command): Command {
  return program
    .command("diff")
    .argument("<proposal>", "identifier of a changeset, or envelope-STACK")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow diff cs-20261124-0800-1\n  foreshadow diff envelope-dev\n\nReads the store and the repository; needs no engine.",
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      const project = context.project();
      const reader = openRecords(project);
      try {
        const changeset = await reader.changeset(id);
        const text = await proposedCommit(project.root, id, changeset?.commit);
        if (text === undefined && changeset === undefined)
          throw new NotFound(`nothing is proposed as ${id}; list changesets with \`foreshadow explain\``);
        const changes = changeset?.changes ?? [];
        context.output.result({ id, changes, commit: text }, () => [
          ...(changes.length === 0 ? [] : [...table(changes.map(propertyLine)), ""]),
          ...(text === undefined ? ["it has no commit yet"] : text.split("\n")),
        ]);
      } finally {
        reader.close();
      }
    });
}
