import { execFile } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { InfrastructureError } from "../orchestrator/change/infrastructure.port.ts";

/** The Pulumi command line: its binary and its version without the leading v. */
export interface PulumiBinary {
  readonly path: string;
  readonly version: string;
}

/** Where set-up keeps the command line that it fetched or built, one directory a version. */
function cacheOf(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "foreshadow", "pulumi");
}

/**
 * Finds the Pulumi command line: FORESHADOW_PULUMI where it is set, else the first on PATH, else the newest that set-up has put
 * into its cache.
 *
 * @throws InfrastructureError `unavailable` that says where was looked and what to do
 */
export function locatePulumi(env: NodeJS.ProcessEnv = process.env): string {
  const candidates = [
    ...(env.FORESHADOW_PULUMI ? [env.FORESHADOW_PULUMI] : onPath(env.PATH ?? "")),
    ...(env.FORESHADOW_PULUMI ? [] : cached(cacheOf(env))),
  ];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new InfrastructureError(
    "unavailable",
    `Pulumi: expected an executable at ${env.FORESHADOW_PULUMI ?? `pulumi on PATH or in ${cacheOf(env)}`}, found none; ` +
      "install Pulumi, or set FORESHADOW_PULUMI to its binary",
  );
}

/** The binary with its version. Asking costs about a third of a second: once a process is enough. */
export async function pulumiCommand(env: NodeJS.ProcessEnv = process.env): Promise<PulumiBinary> {
  const path = locatePulumi(env);
  const { stdout } = await promisify(execFile)(path, ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 30_000,
  }).catch((cause: Error) => {
    throw new InfrastructureError("unavailable", `Pulumi: ${path} version: ${cause.message}`);
  });
  return { path, version: stdout.trim().replace(/^v/, "") };
}

function onPath(path: string): string[] {
  return path
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, "pulumi"));
}

function cached(directory: string): string[] {
  try {
    return readdirSync(directory)
      .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
      .map((version) => join(directory, version, "bin", "pulumi"));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** PATH for Pulumi's processes: this Node first, so that programs and plugins are run by the Node that runs the engine. */
export function pathFor(pulumi: string, path: string = process.env.PATH ?? ""): string {
  return [dirname(process.execPath), dirname(pulumi), path].join(delimiter);
}
