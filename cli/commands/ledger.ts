import type { Command } from "commander";
import { readLedger } from "../../engine/ledger-check.ts";
import { contextOf } from "../context.ts";
import { EXIT } from "../exit-code.ts";

export default function define(program: Command): Command {
  const ledger = program.command("ledger");
  ledger
    .command("verify")
    .summary("check the chain, its signature and the anchors in git")
    .description("Checks the hash chain of the ledger, the signature of its head, and the anchors in commit trailers.")
    .addHelpText(
      "after",
      `\nExample:\n  foreshadow ledger verify\n\nExit code ${EXIT.done} when it is valid, ${EXIT.ledger} when an entry was changed, dropped, reordered, inserted or cut off. "tail unproven"\nmeans that the last entries are newer than the newest anchor in git. Needs no engine.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const check = await readLedger(project());
      output.result(check, () => [
        `${check.entries} entries, ${check.valid ? "valid" : "NOT VALID"}, tail ${check.tail} (anchored to entry ${check.anchoredTo})`,
        ...check.problems.map(({ sequence, kind, text }) => `  entry ${sequence}: ${kind}: ${text}`),
      ]);
      if (!check.valid) process.exitCode = EXIT.ledger;
    });
  return ledger;
}
