import { connectEngine } from "../engine/api/client.ts";
import type { EngineControl } from "../engine/api/engine-control.port.ts";
import type { ProjectFiles } from "../engine/project-files.ts";
import { openControlReader } from "../engine/store/control-reader.ts";
import {
  type Holds,
  NO_HOLDS,
  updateHolds,
  withFreeze,
  withoutFreeze,
  withoutPin,
  withPin,
} from "../engine/store/holds-file.ts";
import { createStoreDirectory, type StoreDirectory, storeDirectory } from "../engine/store/store-directory.ts";

type HoldWriter = Pick<EngineControl, "freeze" | "pin" | "unfreeze">;

/**
 * How a hold reaches the engine: over its socket, which records it at once; without an engine, or when it does not answer, into the
 * store's file of holds, which an engine reads before each action and records when it can.
 */
export async function holdWriter(files: ProjectFiles): Promise<HoldWriter> {
  const client = await connectEngine(files.store).catch(() => undefined);
  const direct = await fileWriter(files);
  if (client === undefined) return direct;
  const either = async (first: () => Promise<void>, second: () => Promise<void>) => {
    try {
      await withDeadline(first(), 800);
    } catch {
      await second();
    }
  };
  return {
    freeze: (freeze) =>
      either(
        () => client.freeze(freeze),
        () => direct.freeze(freeze),
      ),
    pin: (pin) =>
      either(
        () => client.pin(pin),
        () => direct.pin(pin),
      ),
    unfreeze: (workload, by) =>
      either(
        () => client.unfreeze(workload, by),
        () => direct.unfreeze(workload, by),
      ),
  };
}

async function fileWriter({ project, root }: ProjectFiles): Promise<HoldWriter> {
  const directory = storeDirectory(project.store, root);
  createStoreDirectory(directory);
  // A file that is missing or damaged must not lose the holds that the database knows of.
  const recorded = await recordedHolds(directory);
  const update = async (change: Parameters<typeof updateHolds>[2]) => {
    updateHolds(directory.holds, () => recorded, change);
  };
  return {
    freeze: (freeze) => update((holds) => withFreeze(holds, { ...freeze, since: Date.now() / 1000 })),
    pin: (pin) => update((holds) => withPin(holds, pin)),
    unfreeze: (workload) => update((holds) => withoutPin(withoutFreeze(holds, workload), workload)),
  };
}

async function recordedHolds(directory: StoreDirectory): Promise<Holds> {
  try {
    const reader = openControlReader(directory);
    try {
      return { freezes: await reader.freezes(), pins: await reader.pins(Date.now() / 1000) };
    } finally {
      reader.close();
    }
  } catch {
    return NO_HOLDS;
  }
}

/** An engine that does not answer within a second must not keep a person's hold from acting within one. */
async function withDeadline(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the engine does not answer")), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
