import { existsSync } from "node:fs";
import { InfrastructureError } from "../orchestrator/change/infrastructure.port.ts";
import { operationDirectory, recordedPids } from "./operation-directory.ts";
import { operationsOfProcesses, signalAll, waitForEnd } from "./processes.ts";

/** Seconds that a process has between being asked and being made to end. */
const BETWEEN_SIGNALS = 5;

/**
 * Ends the processes of an operation that nothing drives any more: plugins whose `pulumi` was killed go on for as long as they please. They
 * first get the grace to end what they are at.
 *
 * @param grace seconds
 * @returns what was done, in words
 * @throws InfrastructureError `locked` when a process does not end even so
 */
export async function endLeftovers(operation: string, grace: number): Promise<string[]> {
  const done: string[] = [];
  let left = await waitForEnd(operation, grace);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (left.length === 0) return done;
    signalAll(left, signal);
    done.push(`${signal} to ${left.length} leftover processes`);
    left = await waitForEnd(operation, BETWEEN_SIGNALS);
  }
  if (left.length === 0) return done;
  throw new InfrastructureError("locked", `processes ${left.join(", ")} of operation ${operation} do not end`);
}

/** Ends what is left of all operations of a store whose runner and `pulumi` are gone. */
export async function sweep(store: string, grace: number): Promise<void> {
  for (const [operation, pids] of operationsOfProcesses()) {
    const [root] = operation.split(".");
    if (!existsSync(operationDirectory(store, root).path)) continue;
    const drivers = recordedPids(operationDirectory(store, root));
    if (!pids.some((pid) => drivers.has(pid))) await endLeftovers(operation, grace);
  }
}
