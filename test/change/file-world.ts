import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { locatePulumi, pathFor } from "../../engine/infrastructure/pulumi-command.ts";

const here = dirname(fileURLToPath(import.meta.url));
const repository = dirname(dirname(here));
const run = promisify(execFile);

export const STACK = { dir: ".", name: "dev" } as const;

/** A repository with a Pulumi program whose world is a directory of JSON files, deployed once. */
export interface FileWorld {
  /** The directory that everything is in. */
  readonly base: string;
  /** The repository's root. */
  readonly root: string;
  /** The engine's store. */
  readonly store: string;
  /** Environment of Pulumi and of an engine for this world. */
  readonly env: NodeJS.ProcessEnv;
  git(...args: string[]): string;
  pulumi(...args: string[]): Promise<string>;
  /** Lines of the world's log: one a write that landed. */
  writes(): string[];
  /** What a resource is now; `undefined` when it is not. */
  resource(name: string): Record<string, unknown> | undefined;
  change(name: string, properties: Record<string, unknown>): void;
  /** Pulumi's locks of the stack. */
  locks(): string[];
  remove(): void;
}

/**
 * @param from another world, to be copied with all that has been deployed; without it the stack is created and brought up
 * @param delay milliseconds before a write of the provider lands
 */
export async function createFileWorld({
  from,
  delay = 0,
}: {
  from?: FileWorld;
  delay?: number;
} = {}): Promise<FileWorld> {
  const base = mkdtempSync(join(tmpdir(), "foreshadow-file-world-"));
  const world = openFileWorld(base, delay);
  if (from === undefined) await deploy(world);
  else cpSync(from.base, base, { recursive: true, verbatimSymlinks: true });
  return world;
}

/** A world that is there already. */
export function openFileWorld(base: string, delay = 0): FileWorld {
  const root = join(base, "repository");
  const pulumi = locatePulumi();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: pathFor(pulumi),
    PULUMI_BACKEND_URL: `file://${join(base, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NODE_COMPILE_CACHE: join(repository, "node_modules", ".cache", "file-world"),
    FILEWORLD: join(base, "world"),
    FILEWORLD_DELAY: process.env.FILEWORLD_DELAY ?? String(delay),
  };
  return {
    base,
    root,
    store: join(root, ".foreshadow"),
    env,
    git: (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trimEnd(),
    pulumi: async (...args) => (await run(pulumi, [...args, "--non-interactive"], { cwd: root, env })).stdout,
    writes: () => lines(join(base, "world", "writes.log")),
    resource(name) {
      const path = join(base, "world", `${name}.json`);
      return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
    },
    change: (name, properties) => writeFileSync(join(base, "world", `${name}.json`), JSON.stringify(properties)),
    locks: () => filesBelow(join(base, "state", ".pulumi", "locks")),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

async function deploy(world: FileWorld): Promise<void> {
  cpSync(join(here, "fixture"), world.root, { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(world.root, "node_modules"));
  for (const directory of ["state", "world"]) mkdirSync(join(world.base, directory));
  world.git("init", "--quiet", "--initial-branch", "main");
  world.git("add", ".");
  world.git("-c", "user.name=Tester", "-c", "user.email=tester@localhost", "commit", "--quiet", "-m", "A file world");
  await world.pulumi("stack", "init", STACK.name);
  await world.pulumi("up", "--yes", "--skip-preview");
}

function lines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
