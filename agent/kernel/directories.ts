import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths of the directories in a directory; empty when it cannot be listed. */
export function directoriesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return [];
  }
}
