import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Paths from the root, of files that were written and of those that had been there. */
export interface Written {
  readonly written: readonly string[];
  readonly kept: readonly string[];
}

/** Writes the files that are not there yet, with the directories above them. What is there stays as it is. */
export function writeMissing(root: string, files: Readonly<Record<string, string>>): Written {
  const written: string[] = [];
  const kept: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    if (existsSync(file)) {
      kept.push(path);
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
    written.push(path);
  }
  return { written, kept };
}
