import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOf } from "../runtime/spec.ts";

const SOURCE = fileURLToPath(new URL("../runtime", import.meta.url));

/**
 * Puts a copy of the supervisor's and the workers' code into the run directory. They live longer than the checkout that
 * started them, which may be a worktree of one commit. As JavaScript, since a Node that strips types itself holds 30 MiB more.
 *
 * @returns the folder, named after its content: another one means that a newer supervisor should take over
 */
export function installRuntime(runDirectory: string): string {
  const files = readdirSync(SOURCE)
    .filter((name) => /^[a-z-]+\.(ts|js)$/.test(name))
    .sort()
    .map((name) => ({
      name: name.replace(/\.ts$/, ".js"),
      code: asJavaScript(readFileSync(join(SOURCE, name), "utf8"), name),
    }));
  const folder = join(runDirectory, "code", digestOf(JSON.stringify(files)));
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of files) writeFileSync(join(folder, name), code);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  return folder;
}

function asJavaScript(text: string, name: string): string {
  if (name.endsWith(".js")) return text;
  return stripTypeScriptTypes(text).replace(/(from\s+"\.\/[a-z-]+)\.ts"/g, '$1.js"');
}
