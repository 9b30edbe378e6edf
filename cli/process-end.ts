import { NotFound, Refused } from "../engine/api/engine-control.port.ts";
import { InputError } from "../model/input-error.ts";
import { paint } from "./colour.ts";
import { EXIT } from "./exit-code.ts";

/** Whoever reads what is written may stop early, as `head` does: that is no failure. */
export function exitOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed);
  });
}

/** Says what went wrong. @returns the exit code for it */
export function report(error: unknown, json: boolean): number {
  const { message, stack } = error as Error;
  const problems = error instanceof InputError ? { file: error.file, problems: error.problems } : {};
  process.stderr.write(
    json
      ? `${JSON.stringify({ error: message, ...problems })}\n`
      : `${paint("bad", "foreshadow:", process.stderr)} ${message}\n`,
  );
  if (process.env.FORESHADOW_DEBUG) process.stderr.write(`${stack}\n`);
  if (error instanceof InputError) return EXIT.input;
  if (error instanceof Refused || error instanceof NotFound) return EXIT.refused;
  return EXIT.failed;
}
