import type { Cloud } from "../../stacks/simulated/rehearsal.ts";
import { awsContract } from "./aws-contract.ts";
import { azureContract } from "./azure-contract.ts";
import { gcpContract } from "./gcp-contract.ts";
import type { Outcome } from "./maturity.ts";
import type { Ground } from "./open-sandbox.ts";
import type { Contract, Sandbox } from "./sandbox.port.ts";

export const CONTRACTS: Record<Cloud, Contract> = { aws: awsContract, gcp: gcpContract, azure: azureContract };

export interface Conformance {
  readonly outcome: Outcome;
  /** Why it ended before all was tried. */
  readonly interrupted: boolean;
  /** What could not be taken away, and how a person does. */
  readonly left?: string;
}

/**
 * Tries a cloud's contract in a sandbox and takes the sandbox away again, whatever happens. An interrupted run tells nothing of the cloud.
 *
 * @param signal ends the run: what is under way is cut off, and the sandbox taken away
 * @param say a line for each behaviour, and for what goes on
 */
export async function conform(
  cloud: Cloud,
  ground: Ground,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Conformance> {
  const sandbox = await ground.open(signal);
  const checks = CONTRACTS[cloud].checks(sandbox);
  const failed: string[] = [];
  for (const { behaviour, run } of checks) {
    if (signal.aborted) break;
    try {
      await run();
      say(`✓ ${behaviour}`);
    } catch (error) {
      if (signal.aborted) break;
      failed.push(`${behaviour}: ${(error as Error).message.slice(0, 1500)}`);
      say(`✗ ${behaviour}: ${(error as Error).message}`);
    }
  }
  say(`taking ${sandbox.name} away …`);
  const left = await takeAway(sandbox, ground);
  return {
    outcome: {
      target: cloud,
      maturity: ground.maturity,
      at: Math.floor(Date.now() / 1000),
      with: ground.with,
      behaviours: checks.length,
      failed,
    },
    interrupted: signal.aborted,
    ...(left && { left }),
  };
}

async function takeAway(sandbox: Sandbox, ground: Ground): Promise<string | undefined> {
  try {
    await sandbox.close();
    return undefined;
  } catch (error) {
    return `${(error as Error).message.split("\n").slice(-5).join(" ").slice(0, 1000)}; ${ground.byHand(sandbox)}`;
  }
}
