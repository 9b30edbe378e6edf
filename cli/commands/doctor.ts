import type { Command } from "commander";
import { examine } from "../../engine/doctor/examine.ts";
import { findProject } from "../../engine/project-files.ts";
import { InputError } from "../../model/input-error.ts";
import { paint } from "../colour.ts";
import { contextOf } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { table } from "../output.ts";

const MARK = { ok: "✓", degraded: "!", failed: "✗" } as const;
const TONE = { ok: "good", degraded: "warning", failed: "bad" } as const;

export default function define(program: Command): Command {
  return program
    .command("doctor")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow doctor\n\nWorks without a project too: then it looks at the machine alone.",
    )
    .action(async (_options: unknown, command: Command) => {
      const { output } = contextOf(command);
      const findings = await examine(projectOrNone(command.optsWithGlobals<{ project?: string }>().project));
      const failed = findings.some(({ state }) => state === "failed");
      output.result({ ok: !failed, findings }, () =>
        table(findings.map(({ what, state, text }) => [`${paint(TONE[state], MARK[state])} ${what}`, text])),
      );
      if (failed) process.exitCode = EXIT.failed;
    });
}

function projectOrNone(given: string | undefined): string | undefined {
  if (given !== undefined) return findProject(given, process.cwd());
  try {
    return findProject(undefined, process.cwd());
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
