import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** This package as it is installed: where, and which version. From source or compiled, the manifest is above. */
export const PACKAGE = findPackage(dirname(fileURLToPath(import.meta.url)));

function findPackage(start: string): { readonly root: string; readonly version: string } {
  for (let root = start; root !== dirname(root); root = dirname(root)) {
    const manifest = join(root, "package.json");
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string; version?: string };
    if (name === "foreshadow" && version !== undefined) return { root, version };
  }
  throw new Error(
    `expected foreshadow's package.json above ${start}, found none: the installation is damaged, install it again`,
  );
}
