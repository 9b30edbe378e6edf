import type { Command } from "commander";
import type { Verification } from "../../engine/ledger/verify-ledger.ts";
import { readLedger } from "../../engine/ledger-check.ts";
import { contextOf } from "../context.ts";
import { EXIT } from "../exit-code.ts";

export default function define(program: Command): Command {
  const ledger = program.command("ledger");
  ledger
    .command("verify")
    .summary("check the chain, its signature and the anchors in git")
    .description(
      "Checks the hash chain of the ledger, the signature of its head, and the anchors in commit trailers and on refs/foreshadow/ledger.",
    )
    .addHelpText(
      "after",
      `\nExample:\n  foreshadow ledger verify\n\nExit code ${EXIT.done} when it is valid, ${EXIT.ledger} when an entry was changed, dropped, reordered, inserted or cut off. "tail unproven"\nmeans that the last entries are newer than the newest anchor in git; an engine makes one each hour, after each change and\nwhen it stops. Needs no engine.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const check = await readLedger(project());
      output.result(check, () => [
        `${check.entries} entries, ${check.valid ? "valid" : "NOT VALID"}, ${tail(check)}`,
        ...check.problems.map(({ sequence, kind, text }) => `  entry ${sequence}: ${kind}: ${text}`),
      ]);
      if (!check.valid) process.exitCode = EXIT.ledger;
    });
  return ledger;
}

function tail({ tail, anchoredTo, unproven }: Verification): string {
  if (anchoredTo === 0) return `tail unproven: no anchor in git`;
  return tail === "proven" || unproven === 0
    ? `tail ${tail}: anchored in git to entry ${anchoredTo}`
    : `tail unproven: ${unproven} ${unproven === 1 ? "entry" : "entries"} after the newest anchor in git, at entry ${anchoredTo}`;
}
