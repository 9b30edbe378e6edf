import { hostname } from "node:os";
import { type ApplyResult, InfrastructureError, type Settlement } from "../orchestrator/change/infrastructure.port.ts";
import { endLeftovers } from "./leftovers.ts";
import { file, type OperationDirectory, readJson, recordedPids, successors } from "./operation-directory.ts";
import { isAlive, processesOf } from "./processes.ts";
import type { RunnerClient } from "./runner-client.ts";
import type { RunnerRequest, RunnerResult } from "./runner-protocol.ts";
import { isOwnLock, lockOwners } from "./stack-lock.ts";

export interface SettleOptions {
  readonly directory: OperationDirectory;
  readonly operation: string;
  /** Seconds that processes without a driver get to end what they are at. */
  readonly grace: number;
  readonly workDir: string;
  /** Starts a runner for the work of settling itself, under an identifier of its own. */
  start(successor: string): Promise<RunnerClient>;
}

/** Longest wait for a former operation that still goes on; an apply may rightly take that long. */
const MAX_SECONDS = 3600;

/**
 * Brings a former operation to its end. While its `pulumi` lives, it is at work: it is waited for. Once that is gone, plugins get a grace to
 * end their write (they go on for seconds after their engine was killed), then they are ended. Only when no process carries the identifier
 * any more is the owner of its lock dead; a lock with any other owner is left.
 */
export async function settleOperation(options: SettleOptions): Promise<Settlement> {
  const { directory, operation, grace } = options;
  const cleared: string[] = [];
  await waitForDriver(directory, operation);
  cleared.push(...(await endLeftovers(operation, grace)));
  const { begun, result } = applyOutcome(directory);
  // Where Pulumi has ended by itself, it has taken its lock with it and recorded what it did.
  const cutShort = begun && (result === undefined || (!result.ok && result.failure === "lost"));
  if (cutShort) await reconcile(options, cleared);
  return { applyBegun: begun, ...(begun && result && { applyResult: asApplyResult(result) }), cleared };
}

/** Waits while the runner or one of the operation's `pulumi` processes is alive: somebody drives. */
async function waitForDriver(directory: OperationDirectory, operation: string): Promise<void> {
  const deadline = performance.now() + MAX_SECONDS * 1000;
  while (performance.now() < deadline) {
    const carriers = new Set(processesOf(operation));
    const drivers = [...recordedPids(directory)].filter((pid) => carriers.has(pid) && isAlive(pid));
    if (drivers.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** State brought up to the world. The lock of the dead operation goes when, and only when, it is the only one. */
async function reconcile(
  { directory, operation, grace, workDir, start }: SettleOptions,
  cleared: string[],
): Promise<void> {
  const runner = await start(`${operation}.${successors(directory).length + 1}`);
  try {
    await runner.ask<"refresh">({ kind: "refresh", workDir });
  } catch (error) {
    if (!(error instanceof InfrastructureError) || error.failure !== "locked") throw error;
    if (!isOwnLock(lockOwners(error.message), hostname(), recordedPids(directory))) throw error;
    await runner.ask<"cancel">({ kind: "cancel", workDir });
    cleared.push("the lock of the ended operation");
    await runner.ask<"refresh">({ kind: "refresh", workDir });
  } finally {
    await runner.end();
    cleared.push(...(await endLeftovers(operation, grace)));
  }
}

/** What the files say of an apply. */
function applyOutcome(directory: OperationDirectory): { begun: boolean; result?: RunnerResult<"apply"> } {
  for (let n = 1; ; n++) {
    const request = readJson<RunnerRequest>(file.request(directory, n));
    if (request === undefined) return { begun: false };
    if (request.kind !== "apply") continue;
    const result = readJson<RunnerResult<"apply">>(file.result(directory, n));
    return { begun: result?.ok !== false || result.failure !== "locked", result };
  }
}

function asApplyResult(result: RunnerResult<"apply">): ApplyResult {
  if (!result.ok) return { outcome: "failed", message: result.message, seconds: result.seconds };
  const { moved, seconds } = result.value;
  return moved ? { outcome: "failed", moved, seconds } : { outcome: "applied", seconds };
}
