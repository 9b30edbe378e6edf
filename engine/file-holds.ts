import type { EngineControl } from "./api/engine-control.port.ts";
import { openRecords } from "./open-records.ts";
import type { ProjectFiles } from "./project-files.ts";
import {
  type Holds,
  NO_HOLDS,
  readHolds,
  updateHolds,
  withFreeze,
  withoutFreeze,
  withoutPin,
  withPin,
} from "./store/holds-file.ts";
import { createStoreDirectory, storeDirectory } from "./store/store-directory.ts";

/** Sets and lifts holds. */
export type HoldWriter = Pick<EngineControl, "freeze" | "pin" | "unfreeze">;

/**
 * Holds that are written into the store's file, with no engine asked: an engine reads the file before each action and records in the ledger what is
 * new in it.
 *
 * @param now epoch seconds
 */
export async function fileHolds(files: ProjectFiles, now: () => number): Promise<HoldWriter> {
  const directory = storeDirectory(files.project.store, files.root);
  createStoreDirectory(directory);
  // A file that is missing or damaged must not lose the holds that the database knows of.
  const recorded = await recordedHolds(files, now());
  const update = async (change: Parameters<typeof updateHolds>[2]) => {
    updateHolds(directory.holds, () => recorded, change);
  };
  return {
    freeze: (freeze) => update((holds) => withFreeze(holds, { ...freeze, since: now() })),
    pin: (pin) => update((holds) => withPin(holds, pin)),
    unfreeze: (workload) => update((holds) => withoutPin(withoutFreeze(holds, workload), workload)),
  };
}

/**
 * Whom holds still concern that `unfreeze WORKLOAD` leaves: for one workload those on all of them (`*`), for `*` those on single ones.
 *
 * @param now epoch seconds
 */
export function heldBesides({ project, root }: ProjectFiles, workload: string, now: number): string[] {
  const { freezes, pins } = readHolds(storeDirectory(project.store, root).holds) ?? NO_HOLDS;
  const held = [...freezes, ...pins.filter(({ until }) => until > now)].map((hold) => hold.workload);
  return [...new Set(held)].filter((held) => workload === "*" || held === workload || held === "*").sort();
}

async function recordedHolds(files: ProjectFiles, now: number): Promise<Holds> {
  try {
    const reader = openRecords(files);
    try {
      return { freezes: await reader.freezes(), pins: await reader.pins(now) };
    } finally {
      reader.close();
    }
  } catch {
    return NO_HOLDS;
  }
}
