import { EXIT } from "./exit-code.ts";
import { exitOnClosedPipe, report } from "./process-end.ts";
import { commandIn, createProgram } from "./program.ts";

const program = await createProgram((name) => name === commandIn(process.argv.slice(2)));

exitOnClosedPipe();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  const { code, exitCode } = error as { code?: string; exitCode?: number };
  if (code?.startsWith("commander.")) return exitCode === 0 ? EXIT.done : EXIT.input;
  return report(error, process.argv.includes("--json"));
}
