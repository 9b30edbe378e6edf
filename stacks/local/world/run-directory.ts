import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { digestOf } from "../runtime/spec.ts";

/** Unix sockets allow 107 bytes; what is made in a pool's directory stays below that. */
const LONGEST = 80;

/**
 * Where pools have their run directories: `FORESHADOW_RUN_ROOT`, else `/run/foreshadow` where the user may write there,
 * else the user's own runtime or temporary directory. Nothing is created.
 */
export function runRoot(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.FORESHADOW_RUN_ROOT) return environment.FORESHADOW_RUN_ROOT;
  if (mayWrite("/run/foreshadow") || (!existsSync("/run/foreshadow") && mayWrite("/run"))) return "/run/foreshadow";
  const own = environment.XDG_RUNTIME_DIR;
  return own && mayWrite(own) ? join(own, "foreshadow") : join(tmpdir(), `foreshadow-${process.getuid?.() ?? 0}`);
}

/** What is wrong with a run directory, in words; `undefined` when nothing is. */
export function refuseRunDirectory(path: string): string | undefined {
  if (!path.startsWith("/") || /[\s,:]/.test(path))
    return `expected an absolute path without blanks, commas and colons, found ${path}`;
  if (path.length > LONGEST) return `expected at most ${LONGEST} characters, found ${path.length}: ${path}`;
  return undefined;
}

export function makeRunDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

/** Names that belong to one run directory and fit where the kernel allows 15 characters. */
export function kernelNames(runDirectory: string): { netns: string; veth: string; peer: string } {
  const id = digestOf(runDirectory).slice(0, 8);
  return { netns: `foreshadow-${id}`, veth: `fsv${id}`, peer: `fsw${id}` };
}

/** All that a run directory may have in it. */
const CONTENT =
  /^((spec|status|network|bandwidth|volume)\.json(\.\d+\.tmp)?|volume\.img|volume|workers|code|(supervisor|workers)\.log)$/;

/** Whether a directory has nothing in it but what a pool puts there. Only such a one may be removed as a leftover. */
export function isRunDirectory(path: string): boolean {
  return readdirSync(path).every((name) => CONTENT.test(name));
}

/** Removes a run directory with nothing in it, and the run root above it when that is the usual one and empty too. */
export function removeIfEmpty(runDirectory: string): void {
  for (const directory of [runDirectory, dirname(runDirectory)])
    if (directory === runDirectory || directory === runRoot())
      try {
        rmdirSync(directory);
      } catch (error) {
        if (!["ENOTEMPTY", "ENOENT", "EACCES", "EBUSY"].includes((error as NodeJS.ErrnoException).code ?? ""))
          throw error;
      }
}

export function specFile(runDirectory: string): string {
  return join(runDirectory, "spec.json");
}

function mayWrite(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
