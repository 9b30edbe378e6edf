import { ConcurrentUpdateError, type EngineEvent, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import type { InfrastructureFailure } from "../orchestrator/change/infrastructure.port.ts";
import { readErrors } from "./engine-events.ts";

/** Longest message that is kept: what a person reads, not a log. */
const MAX_CHARACTERS = 4000;

/** What errors of the network and of a backend out of reach have in common. */
const UNREACHABLE =
  /no such host|connection refused|i\/o timeout|TLS handshake|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|unable to open bucket|no space left|ENOSPC/i;

/** A process of the operation was killed: Pulumi itself, or a plugin under it. What it was at may or may not have come about. */
const KILLED =
  /was killed with SIG|transport is closing|error reading from server|code = Unavailable desc|plugin .*exited|exited prematurely|signal: killed/i;

/** What kind of failure an error of the Automation API is, and the words for it. Events say more than the command's output. */
export function describeFailure(
  error: unknown,
  events: readonly EngineEvent[],
): { failure: InfrastructureFailure; message: string } {
  const text = error instanceof Error ? error.message : String(error);
  const errors = readErrors(events);
  const message = (errors.length > 0 ? errors.join("\n") : essence(text)).slice(0, MAX_CHARACTERS);
  if (error instanceof ConcurrentUpdateError) return { failure: "locked", message: essence(text) };
  if (error instanceof StackNotFoundError) return { failure: "unavailable", message };
  if (KILLED.test(text) || errors.some((one) => KILLED.test(one)))
    return { failure: "lost", message: errors.length > 0 ? message : "a process of the operation was killed" };
  return { failure: UNREACHABLE.test(text) ? "unavailable" : "program", message };
}

/** The line of a command's output that says what is wrong, with what follows it. */
function essence(text: string): string {
  const at = text.indexOf("error: ");
  return (at >= 0 ? text.slice(at) : text)
    .replace(/\n err\?:[\s\S]*$/, "")
    .trim()
    .slice(0, MAX_CHARACTERS);
}
