import { readFileSync } from "node:fs";
import { monotonicSeconds } from "../model/host-clock.ts";

/**
 * Throws unless the engine that started this Pulumi operation still holds its lease: the file that `FORESHADOW_LEASE_FILE` names must begin with
 * the line `FORESHADOW_LEASE_TOKEN`. A second line, where engines share stacks, says until when, on this host's clock that never goes back and
 * on the wall's: it is to lie ahead on both. The program runs under Pulumi's lock and before the first resource, so what throws here has changed
 * nothing. Without the engine neither is set, and nothing is checked.
 *
 * That the recorded state is the one that was decided on is compared by the engine, just before the apply: no backend shows a program its state.
 */
export function assertStillHolder(environment: NodeJS.ProcessEnv = process.env): void {
  const { FORESHADOW_LEASE_FILE: file, FORESHADOW_LEASE_TOKEN: token } = environment;
  if (file === undefined && token === undefined) return;
  if (!file || !token)
    throw new Error("expected both FORESHADOW_LEASE_FILE and FORESHADOW_LEASE_TOKEN, found only one of them");
  const meaning = "another engine has taken over, or may; nothing was changed";
  let found: string;
  try {
    found = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new Error(`${file}: expected the lease's token, found ${(error as NodeJS.ErrnoException).code}: ${meaning}`);
  }
  const [holds, until] = found.split("\n");
  if (holds !== token) throw new Error(`${file}: expected token ${token}, found another: ${meaning}`);
  if (until === undefined) return;
  const [monotonic, wall] = until.split(" ").map(Number);
  if (!(monotonicSeconds() < monotonic && Date.now() / 1000 < wall))
    throw new Error(`${file}: expected a lease that lasts, found one that has run out: ${meaning}`);
}
