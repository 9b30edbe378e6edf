import { readFileSync } from "node:fs";

/**
 * Throws unless the engine that started this Pulumi operation still holds its lease, and the stack's state is still the one it
 * decided on. The program runs under Pulumi's lock and before the first resource, so what throws here has changed nothing.
 *
 * Without the engine none of these are set, and nothing is checked:
 * - `FORESHADOW_LEASE_FILE`, `FORESHADOW_LEASE_TOKEN`: the file must hold the token and nothing else
 * - `FORESHADOW_STATE_SERIAL_FILE`, `FORESHADOW_STATE_SERIAL`: the file must hold the serial and nothing else
 */
export function assertStillHolder(environment: NodeJS.ProcessEnv = process.env): void {
  assertHolds(
    environment,
    "FORESHADOW_LEASE_FILE",
    "FORESHADOW_LEASE_TOKEN",
    "another engine has taken over; nothing was changed",
  );
  assertHolds(
    environment,
    "FORESHADOW_STATE_SERIAL_FILE",
    "FORESHADOW_STATE_SERIAL",
    "the stack was changed meanwhile; nothing was changed by this operation",
  );
}

function assertHolds(
  environment: NodeJS.ProcessEnv,
  fileVariable: string,
  valueVariable: string,
  meaning: string,
): void {
  const [file, wanted] = [environment[fileVariable], environment[valueVariable]];
  if (file === undefined && wanted === undefined) return;
  if (!file || !wanted) throw new Error(`expected both ${fileVariable} and ${valueVariable}, found only one of them`);
  let found: string;
  try {
    found = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new Error(
      `${file}: expected what ${valueVariable} says, found ${(error as NodeJS.ErrnoException).code}: ${meaning}`,
    );
  }
  if (found !== wanted)
    throw new Error(`${file}: expected what ${valueVariable} says, found something else: ${meaning}`);
}
