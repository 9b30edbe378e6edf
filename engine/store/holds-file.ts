import { closeSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { z } from "zod";
import { writeFileAtomically } from "../atomic-file.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import { StoreError, storeError } from "./store-error.ts";

/**
 * The freezes and pins in force. They stand in a plain file, so that a person can stop the engine with the databases
 * locked, damaged or gone, and without the engine's help.
 */
export interface Holds {
  readonly freezes: readonly Freeze[];
  readonly pins: readonly Pin[];
}

export const NO_HOLDS: Holds = { freezes: [], pins: [] };

const MAX_HOLDS = 100_000;
const workload = z.string().min(1).max(200);
const text = z.string().max(10_000);
const replicas = z.number().int().min(0).max(1_000_000);

const holdsFile = z.object({
  version: z.literal(1),
  freezes: z
    .array(z.object({ workload, all: z.boolean(), since: z.number(), by: text, reason: text.optional() }))
    .max(MAX_HOLDS),
  pins: z
    .array(z.object({ workload, min: replicas.optional(), max: replicas.optional(), until: z.number(), by: text }))
    .max(MAX_HOLDS),
});

/**
 * The holds in force; `undefined` when the file is not there.
 *
 * @throws StoreError when it cannot be read or is not a file of holds
 */
export function readHolds(path: string): Holds | undefined {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw storeError(error, path, "reading the holds");
  }
  try {
    const { freezes, pins } = holdsFile.parse(JSON.parse(content));
    return { freezes, pins };
  } catch (error) {
    const message = "expected the freezes and pins as foreshadow writes them. Correct or remove the file";
    throw new StoreError("corrupt", path, message, error);
  }
}

/**
 * Changes the holds in force: on disk, and visible to every process, when it returns. Processes that change them at the
 * same time wait for each other, at most about a second.
 *
 * @param base the holds to begin from when the file is not there or cannot be read
 * @throws StoreError when the file cannot be written; the old one is then still in force
 */
export function updateHolds(path: string, base: () => Holds, change: (holds: Holds) => Holds): Holds {
  try {
    return withLock(`${path}.lock`, () => {
      const holds = change(readOr(path, base));
      writeFileAtomically(path, `${JSON.stringify({ version: 1, ...holds }, undefined, 2)}\n`);
      return holds;
    });
  } catch (error) {
    throw storeError(error, path, "writing the holds");
  }
}

function readOr(path: string, base: () => Holds): Holds {
  try {
    return readHolds(path) ?? base();
  } catch (error) {
    // A damaged file must not keep a person from setting a hold.
    if (error instanceof StoreError && error.kind === "corrupt") return base();
    throw error;
  }
}

const WAIT_MS = 10;
/** Longer than anyone holds the lock: it is then a dead process's. */
const STALE_MS = 800;

/** A lock file rather than a database's lock: it must work where the databases do not. */
function withLock<T>(lock: string, work: () => T): T {
  let [watched, waited] = [0, 0];
  for (;;) {
    try {
      closeSync(openSync(lock, "wx", 0o600));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const inode = statSync(lock, { throwIfNoEntry: false })?.ino ?? 0;
    waited = inode === watched ? waited + WAIT_MS : 0;
    watched = inode;
    if (waited >= STALE_MS) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** With this freeze, in place of one that the workload had. */
export function withFreeze(holds: Holds, freeze: Freeze): Holds {
  return { ...holds, freezes: [...withoutFreeze(holds, freeze.workload).freezes, freeze] };
}

export function withoutFreeze(holds: Holds, workload: string): Holds {
  return { ...holds, freezes: holds.freezes.filter((freeze) => freeze.workload !== workload) };
}

/** With this pin, in place of one that the workload had. */
export function withPin(holds: Holds, pin: Pin): Holds {
  return { ...holds, pins: [...withoutPin(holds, pin.workload).pins, pin] };
}

export function withoutPin(holds: Holds, workload: string): Holds {
  return { ...holds, pins: holds.pins.filter((pin) => pin.workload !== workload) };
}
