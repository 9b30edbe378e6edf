import { constants, existsSync, mkdirSync, readFileSync, rmSync, statfsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readJson, writeAtomic } from "../runtime/atomic-file.ts";
import { digestOf } from "../runtime/spec.ts";
import { CommandError, run, succeeds } from "./command.ts";
import { mounts } from "./mounts.ts";
import { makeRunDirectory, removeIfEmpty, specFile } from "./run-directory.ts";
import { readThrottle, removeThrottle, setThrottle, type Throttle } from "./throttle.ts";

/** How long requests in flight may keep an unmount for growing busy, in milliseconds. */
const BUSY_MILLISECONDS = 8_000;
const PAUSE_MILLISECONDS = 10;
const NOT_A_DEVICE = "the volume is a directory and its size not enforced";
/** `f_type` of tmpfs, from linux/magic.h. */
const TMPFS = 0x01021994;
/** Where images are when the run directory is in memory; kept over a reboot. */
const DISK = "/var/tmp";

export interface VolumeSpec extends Throttle {
  readonly pool: string;
  /** Bytes. */
  readonly size: number;
}

/** What there is: `volume.json` in the run directory. */
export interface VolumeState extends VolumeSpec {
  readonly path: string;
  readonly backing: "loop" | "directory";
  /** The loop device; empty without one. */
  readonly device: string;
  readonly throughputEnforced: boolean;
  /** How the volume grows: `remount` where the host refuses to resize a mounted filesystem. */
  readonly growth: "online" | "remount" | "none";
  readonly degraded: readonly string[];
}

/**
 * Makes a volume what the spec says: an allocated file, a loop device on it, ext4, mounted in the run directory. Without the
 * right to do so, a plain directory beside a file that reserves the space. Repeating it finishes what was interrupted.
 */
export async function ensureVolume(runDirectory: string, spec: VolumeSpec): Promise<VolumeState> {
  makeRunDirectory(runDirectory);
  const image = imageFile(runDirectory);
  const path = join(runDirectory, "volume");
  mkdirSync(path, { recursive: true });
  // Before anything is made, so that whatever comes next there is something to find and remove.
  if (!existsSync(stateFile(runDirectory))) writeAtomic(stateFile(runDirectory), JSON.stringify({ pool: spec.pool }));
  const before = readJson<Partial<VolumeState>>(stateFile(runDirectory));
  const degraded: string[] = [];
  const denied = await allocate(image, spec.size);
  if (denied) degraded.push(denied);
  let device = "";
  let growth: VolumeState["growth"] = "none";
  let reason = before?.backing === "directory" ? (before.degraded?.[0] ?? "it was made as a directory") : whyNoLoop();
  if (reason === undefined)
    try {
      device = await attach(image);
      await ensureFilesystem(device, before?.backing === "loop");
      await mount(device, path);
      growth = (await grow(device, path, image)) ?? (mayResizeMounted() ? "online" : "remount");
      if (growth === "remount")
        degraded.push(
          "the volume grows by a remount of a few 100 ms: this host refuses to resize a mounted filesystem",
        );
    } catch (error) {
      if (before?.backing === "loop" || !(error instanceof CommandError)) throw error;
      for (const made of await devicesOf(image)) await succeeds("losetup", "-d", made);
      device = "";
      growth = "none";
      reason = `${NOT_A_DEVICE}: ${error.message}`;
    }
  if (reason !== undefined) degraded.push(reason);
  mkdirSync(join(path, "data"), { recursive: true });
  const throttle = await setThrottle(spec.pool, device, spec);
  if (throttle) degraded.push(throttle);
  const limited = spec.throughput !== null || spec.iops !== null;
  const state: VolumeState = {
    ...spec,
    path,
    backing: device === "" ? "directory" : "loop",
    device,
    throughputEnforced: limited && throttle === undefined,
    growth,
    degraded,
  };
  writeAtomic(stateFile(runDirectory), JSON.stringify(state));
  return state;
}

/** The volume as it is: its size from the allocated file, its limits from the kernel. `undefined` when it is not there. */
export function readVolume(runDirectory: string): VolumeState | undefined {
  const state = readJson<VolumeState>(stateFile(runDirectory));
  if (state?.backing === undefined || !existsSync(imageFile(runDirectory))) return undefined;
  if (state.backing === "loop" && !mounts().some(({ target }) => target === state.path)) return undefined;
  const limits = state.throughputEnforced ? readThrottle(state.pool, state.device) : state;
  return { ...state, size: statSync(imageFile(runDirectory)).size, throughput: limits.throughput, iops: limits.iops };
}

export async function removeVolume(runDirectory: string, pool: string): Promise<void> {
  const path = join(runDirectory, "volume");
  while (mounts().some(({ target }) => target === path)) await unmount(path);
  for (const device of await devicesOf(imageFile(runDirectory))) await insist("losetup", "-d", device);
  removeThrottle(pool);
  rmSync(path, { recursive: true, force: true });
  rmSync(imageFile(runDirectory), { force: true });
  rmSync(stateFile(runDirectory), { force: true });
  if (existsSync(specFile(runDirectory)))
    mkdirSync(join(path, "data"), { recursive: true }); // the pool goes on without it
  else removeIfEmpty(runDirectory);
}

/** In the run directory, but not in memory: `/run` is a small tmpfs on most hosts. */
export function imageFile(runDirectory: string): string {
  if (!isTmpfs(runDirectory) || isTmpfs(DISK)) return join(runDirectory, "volume.img");
  return join(DISK, `foreshadow-${digestOf(runDirectory)}.img`);
}

function isTmpfs(path: string): boolean {
  for (let directory = path; ; directory = dirname(directory))
    if (existsSync(directory)) return statfsSync(directory).type === TMPFS;
}

/** Loop devices on an image, also when the image has been unlinked. */
export async function devicesOf(image: string): Promise<string[]> {
  const text = await run("losetup", "-l", "-n", "-O", "NAME,BACK-FILE").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, file]) => file === image)
    .map(([name]) => name);
}

function stateFile(runDirectory: string): string {
  return join(runDirectory, "volume.json");
}

function whyNoLoop(): string | undefined {
  if (process.getuid?.() !== 0) return `${NOT_A_DEVICE}: mounting a loop device needs root`;
  return existsSync("/dev/loop-control") ? undefined : `${NOT_A_DEVICE}: the host has no loop devices`;
}

/** Resizing a mounted ext4 needs CAP_SYS_RESOURCE, which containers and sandboxes often take away from root. */
function mayResizeMounted(): boolean {
  const capabilities = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${capabilities}`) >> 24n) & 1n) === 1n;
}

/** Allocates for real: a sparse file would promise space that the disk may not have when it is written. */
async function allocate(image: string, size: number): Promise<string | undefined> {
  const file = await open(image, constants.O_RDWR | constants.O_CREAT, 0o600);
  const present = (await file.stat()).size;
  await file.close();
  if (present >= size) return undefined;
  try {
    await run("fallocate", "-l", `${size}`, image);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (/No space left/.test(error.stderr))
      throw new Error(`expected ${size} bytes of free space for ${image}, found too few: ${error.stderr.trim()}`);
    await run("truncate", "-s", `${size}`, image);
    return `the volume's space is not reserved: ${error.stderr.trim()}`;
  }
}

async function attach(image: string): Promise<string> {
  const [device] = await devicesOf(image);
  if (device !== undefined) return device;
  const direct = isTmpfs(image) ? "off" : "on";
  // Direct: without it every page of the volume is in the page cache twice.
  const made = await run("losetup", "-f", "--show", `--direct-io=${direct}`, image).catch(() =>
    run("losetup", "-f", "--show", image),
  );
  return made.trim();
}

/** @throws Error where a filesystem should be and is none: formatting would destroy what may be mended */
async function ensureFilesystem(device: string, hadOne: boolean): Promise<void> {
  if (await succeeds("dumpe2fs", "-h", device)) return;
  if (hadOne)
    throw new Error(`${device}: expected the volume's ext4, found none; mend it with e2fsck, or delete the volume`);
  await insist("mkfs.ext4", "-q", "-F", "-m", "0", device);
}

async function mount(device: string, path: string): Promise<void> {
  if (!mounts().some(({ target }) => target === path)) await insist("mount", "-o", "noatime", device, path);
}

/** Tries again while the device is busy: a tool that a killed provider has started goes on to its end. */
async function insist(tool: string, ...args: string[]): Promise<void> {
  const deadline = performance.now() + BUSY_MILLISECONDS;
  for (;;)
    try {
      await run(tool, ...args);
      return;
    } catch (error) {
      if (!/busy|in use|already mounted/i.test(String(error)) || performance.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, PAUSE_MILLISECONDS));
    }
}

async function grow(device: string, path: string, image: string): Promise<"online" | "remount" | undefined> {
  await run("losetup", "-c", device);
  if ((await filesystemSize(device)) >= Math.floor(statSync(image).size / 4096) * 4096 - 4096) return undefined;
  if (await succeeds("resize2fs", device)) return "online";
  await unmount(path);
  try {
    // Without a forced check resize2fs refuses; exit code 1 says that something was mended.
    await insist("e2fsck", "-fp", device);
    await insist("resize2fs", device);
  } finally {
    await mount(device, path);
  }
  return "remount";
}

async function filesystemSize(device: string): Promise<number> {
  const text = await run("dumpe2fs", "-h", device);
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  return field("Block count") * field("Block size");
}

/** Requests hold files open for a moment only. Those that find the volume away wait for it to come back. */
async function unmount(path: string): Promise<void> {
  await insist("umount", path);
}
