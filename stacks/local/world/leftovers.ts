import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { readJson } from "../runtime/atomic-file.ts";
import { processesWith, signal } from "../runtime/process-table.ts";
import { removeBandwidth } from "./bandwidth.ts";
import { run } from "./command.ts";
import { withLock } from "./lock.ts";
import { mounts } from "./mounts.ts";
import { networkOwners } from "./network.ts";
import { removePool } from "./pool.ts";
import { isRunDirectory, kernelNames, removeIfEmpty } from "./run-directory.ts";
import { SUPERVISOR_MARK } from "./supervisor.ts";
import { devicesOf, imageFile, removeVolume } from "./volume.ts";

const CGROUPS = "/sys/fs/cgroup";

/**
 * What pools with run directories below `runRoot` have on this host: processes, cgroups, namespaces, interfaces, mounts, loop
 * devices, files. Empty after they are destroyed; after a kill, what `removeLeftovers` would end and remove.
 */
export async function findLeftovers(runRoot: string): Promise<string[]> {
  const found: string[] = [];
  for (const { pid, environment } of processesOf(runRoot))
    found.push(
      `process ${pid} (${environment.FORESHADOW_REPLICA ? `worker ${environment.FORESHADOW_REPLICA}` : "supervisor"} of ${environment.FORESHADOW_POOL})`,
    );
  const namespaces = await run("ip", "netns", "list").catch(() => "");
  for (const [directory, pools] of await poolsOf(runRoot)) {
    const { netns, veth } = kernelNames(directory);
    if (namespaces.split(/\s+/).includes(netns)) found.push(`network namespace ${netns}`);
    if (existsSync(`/sys/class/net/${veth}`)) found.push(`interface ${veth}`);
    for (const pool of pools) found.push(...cgroupsOf(pool, runRoot).map((path) => `cgroup ${path}`));
    for (const device of await devicesOf(imageFile(directory)))
      found.push(`loop device ${device} on ${imageFile(directory)}`);
    if (existsSync(imageFile(directory))) found.push(`file ${imageFile(directory)}`);
    if (existsSync(directory)) found.push(`directory ${directory}`);
  }
  for (const { source, target } of mounts())
    if (target.startsWith(`${runRoot}/`)) found.push(`mount ${target} of ${source}`);
  for (const [device, file] of await loopDevices())
    if (file.startsWith(`${runRoot}/`)) found.push(`loop device ${device} on ${file}`);
  return [...new Set(found)];
}

/** Ends and removes all of it, whatever state it is in, and gives what could not be removed. */
export async function removeLeftovers(runRoot: string): Promise<string[]> {
  for (const [directory, pools] of await poolsOf(runRoot))
    await withLock(directory, async () => {
      // Nobody waits for these workers: no draining.
      for (const process_ of processesOf(directory)) signal(process_, "SIGKILL");
      await removeBandwidth(directory);
      for (const pool of pools) {
        await removePool(directory, pool);
        await removeVolume(directory, pool);
      }
      const mounted = mounts().some(({ target }) => target.startsWith(`${directory}/`));
      if (!mounted && existsSync(directory) && isRunDirectory(directory))
        rmSync(directory, { recursive: true, force: true });
      removeIfEmpty(directory);
    });
  return findLeftovers(runRoot);
}

/** Every run directory below the root that anything tells of, with the pool names it may go by. */
async function poolsOf(runRoot: string): Promise<Map<string, Set<string>>> {
  const pools = new Map<string, Set<string>>();
  const add = (directory: string, ...names: (string | undefined)[]) => {
    const known = pools.get(directory) ?? new Set([basename(directory)]);
    for (const name of names) if (name !== undefined && /^[a-z0-9-]+$/.test(name)) known.add(name);
    pools.set(directory, known);
  };
  const below = (path: string) => path.startsWith(`${runRoot}/`);
  const entries = existsSync(runRoot) ? readdirSync(runRoot, { withFileTypes: true }) : [];
  for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
    const directory = join(runRoot, entry.name);
    if (!isRunDirectory(directory)) continue;
    const [spec, volume] = ["spec.json", "volume.json"].map((name) =>
      readJson<{ pool?: string }>(join(directory, name)),
    );
    add(directory, spec?.pool, volume?.pool);
  }
  for (const { environment } of processesOf(runRoot)) add(directoryOf(environment), environment.FORESHADOW_POOL);
  for (const directory of (await networkOwners()).filter(below)) add(directory);
  return pools;
}

/** Processes of the pool with this run directory, or of those below it. */
function processesOf(path: string) {
  return processesWith("FORESHADOW_POOL").filter(({ environment }) =>
    `${directoryOf(environment)}/`.startsWith(`${path}/`),
  );
}

function directoryOf(environment: Readonly<Record<string, string>>): string {
  return environment.FORESHADOW_POOL_DIR ?? environment[SUPERVISOR_MARK] ?? "";
}

/** None where a living pool of that name belongs to another run root. */
function cgroupsOf(pool: string, runRoot: string): string[] {
  const elsewhere = processesWith("FORESHADOW_POOL").some(
    ({ environment }) => environment.FORESHADOW_POOL === pool && !directoryOf(environment).startsWith(`${runRoot}/`),
  );
  if (elsewhere) return [];
  const roots = existsSync(join(CGROUPS, "cgroup.controllers"))
    ? [CGROUPS]
    : existsSync(CGROUPS)
      ? readdirSync(CGROUPS).map((name) => join(CGROUPS, name))
      : [];
  return roots.map((root) => join(root, "foreshadow", pool)).filter((path) => existsSync(path));
}

async function loopDevices(): Promise<[device: string, file: string][]> {
  const text = await run("losetup", "-l", "-n", "-O", "NAME,BACK-FILE").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 2)
    .map(([device, file]) => [device, file]);
}
