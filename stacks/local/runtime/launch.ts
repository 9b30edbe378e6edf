import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ProcessId, startTimeOf } from "./process-table.ts";
import { listenKey, type PoolSpec } from "./spec.ts";

/** Of JavaScript's heap alone: what a worker holds for its requests is outside of it. Bare Node needs about 45 MiB besides. */
const HEAP_MEBIBYTES = 32;

/** Joins the cgroups before the first instruction of Node runs, so that all of it is accounted for. */
const JOIN_AND_EXECUTE =
  'for file in $FORESHADOW_CGROUPS; do echo $$ > "$file" || exit 70; done; unset FORESHADOW_CGROUPS; exec "$@"';

/**
 * Starts a worker in a session of its own: it outlives the supervisor, which finds it again by its environment.
 * That is made from nothing, since what the caller inherited may name an operation that ends long before the worker.
 *
 * @param cgroupFiles files to write the pid to
 * @param onEnd called when the worker ends while this process lives
 */
export function launchWorker(
  spec: PoolSpec,
  runDirectory: string,
  replica: number,
  cgroupFiles: readonly string[],
  onEnd: (reason: string) => void,
): ProcessId | undefined {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const script = fileURLToPath(new URL(`./worker.${extension}`, import.meta.url));
  const { netns, address, port } = spec.listen;
  const enter = netns === null ? [] : ["nsenter", `--net=/run/netns/${netns}`, "--"];
  const flags = [
    `--max-old-space-size=${HEAP_MEBIBYTES}`,
    "--max-semi-space-size=1",
    "--disable-warning=ExperimentalWarning",
  ];
  const log = openSync(`${runDirectory}/workers.log`, "a");
  const child = spawn("/bin/sh", ["-c", JOIN_AND_EXECUTE, "sh", ...enter, process.execPath, ...flags, script], {
    cwd: runDirectory,
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
      FORESHADOW_CGROUPS: cgroupFiles.join(" "),
      FORESHADOW_POOL: spec.pool,
      FORESHADOW_POOL_DIR: runDirectory,
      FORESHADOW_REPLICA: `${replica}`,
      FORESHADOW_ADDRESS: address,
      FORESHADOW_PORT: `${port}`,
      FORESHADOW_LISTEN: listenKey(spec.listen),
    },
  });
  closeSync(log);
  child.once("error", (error) => onEnd(error.message));
  child.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`));
  child.unref();
  const startTime = child.pid === undefined ? undefined : startTimeOf(child.pid);
  return child.pid === undefined || startTime === undefined ? undefined : { pid: child.pid, startTime };
}
