import type { Command } from "commander";
import { NotFound } from "../../engine/api/engine-control.port.ts";
import { openRecords } from "../../engine/open-records.ts";
import { formatInstant } from "../../model/instant.ts";
import { contextOf } from "../context.ts";
import { describeChangeset } from "../describe-changeset.ts";
import { table } from "../output.ts";

export default function define(program: Command): Command {
  return program
    .command("explain")
    .argument("[changeset]", "identifier; the last ones are listed when left out")
    .addHelpText("after", "\nExample:\n  foreshadow explain cs-20261124-0800-1\n\nReads the store; needs no engine.")
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const context = contextOf(command);
      const reader = openRecords(context.project());
      try {
        if (id === undefined) {
          const changesets = await reader.changesets({ limit: 50 });
          context.output.result(changesets, () =>
            changesets.length === 0
              ? ["no changesets yet"]
              : table(
                  changesets.map((changeset) => [
                    changeset.id,
                    formatInstant(Math.floor(changeset.createdAt)),
                    changeset.workload,
                    changeset.state,
                    (changeset.changes ?? []).map(({ property }) => property).join(", "),
                  ]),
                ),
          );
          return;
        }
        const changeset = await reader.changeset(id);
        if (changeset === undefined) throw new NotFound(`no changeset ${id}; list them with \`foreshadow explain\``);
        context.output.result(changeset, () => describeChangeset(changeset));
      } finally {
        reader.close();
      }
    });
}
