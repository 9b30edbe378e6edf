import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a file's content. Readers, and a crash at any time, see the old content or the new. Owner only. */
export function writeFileAtomically(path: string, text: string): void {
  place(path, text, renameSync);
}

/** As {@link writeFileAtomically}, but leaves a file that is already there alone. */
export function writeNewFile(path: string, text: string): void {
  place(path, text, (from, to) => {
    try {
      linkSync(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  });
}

let written = 0;

function place(path: string, text: string, move: (from: string, to: string) => void): void {
  const temporary = `${path}.${process.pid}.${written++}.tmp`;
  try {
    const file = openSync(temporary, "w", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    move(temporary, path);
    syncDirectory(dirname(path));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Without it the new name may be lost with the machine, though the content is not. */
function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
