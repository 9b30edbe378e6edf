import { fileURLToPath } from "node:url";

/**
 * The path of a module beside the caller, for starting it as a child process or a worker: `.ts` when the caller runs
 * from source, `.js` when it runs compiled. TypeScript rewrites the extension of imports, but not of such paths.
 *
 * @param caller `import.meta.url` of the caller
 * @param specifier relative path without its extension, for example `./runner`
 */
export function siblingModule(caller: string, specifier: string): string {
  return fileURLToPath(new URL(`${specifier}.${caller.endsWith(".ts") ? "ts" : "js"}`, caller));
}
