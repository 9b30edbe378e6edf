import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { removeLeftovers } from "../../stacks/local/world/leftovers.ts";

export const ROOT_NEEDED = process.getuid?.() === 0 ? false : "needs root for namespaces, cgroups and mounts";

export interface Place {
  readonly runRoot: string;
  readonly pool: string;
  readonly runDirectory: string;
}

/** A run root and a pool name of its own: tests run beside others, and beside a stack that is up. */
export function makePlace(): Place {
  const runRoot = mkdtempSync(join(tmpdir(), "fs-"));
  const pool = `test-${basename(runRoot)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")}x`;
  return { runRoot, pool, runDirectory: join(runRoot, pool) };
}

export async function clearPlace({ runRoot }: Place): Promise<void> {
  const left = await removeLeftovers(runRoot);
  rmSync(runRoot, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`expected nothing to be left behind, found ${left.join(", ")}`);
}
