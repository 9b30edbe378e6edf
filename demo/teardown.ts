import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findLeftovers, removeLeftovers } from "../stacks/local/world/leftovers.ts";
import { killMarkedProcesses, markedProcesses, pulumi } from "./processes.ts";
import { RUN_ROOT, STACK, WORKSPACE } from "./settings.ts";

/** Removes what a demo before this one left: processes, the pool's world, the workspace. @returns what was found */
export async function clearFormerDemo(): Promise<string[]> {
  const processes = markedProcesses().map((pid) => `process ${pid}`);
  const found = [
    ...processes,
    ...(await findLeftovers(RUN_ROOT)),
    ...(existsSync(WORKSPACE) ? [`directory ${WORKSPACE}`] : []),
  ];
  if (found.length === 0) return found;
  await killMarkedProcesses();
  await removeLeftovers(RUN_ROOT);
  rmSync(WORKSPACE, { recursive: true, force: true });
  return found;
}

/**
 * Takes everything down the way it came up, with `pulumi destroy`, and by force what that leaves.
 *
 * @returns what is still there: nothing, or the demo says so
 */
export async function tearDown(say: (text: string) => void): Promise<string[]> {
  if (existsSync(join(WORKSPACE, "Pulumi.yaml"))) {
    try {
      await pulumi("cancel", "--yes", "--stack", STACK).catch(() => {});
      await pulumi("destroy", "--yes", "--stack", STACK, "--skip-preview");
    } catch (error) {
      say(`pulumi destroy did not go through, removing by force: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  await killMarkedProcesses();
  await removeLeftovers(RUN_ROOT);
  rmSync(WORKSPACE, { recursive: true, force: true });
  return [
    ...markedProcesses().map((pid) => `process ${pid}`),
    ...(await findLeftovers(RUN_ROOT)),
    ...(existsSync(WORKSPACE) ? [WORKSPACE] : []),
  ];
}
