import { execFile, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The CLI that is installed or built where none is there, and the oldest one on PATH that is taken. */
export const PULUMI_VERSION = "3.259.0";

const run = promisify(execFile);
const SOURCES = join(dirname(fileURLToPath(import.meta.url)), "pulumi-build");

/** Where the CLI is kept between checkouts: `pulumi` and its language host. */
export function pulumiCache(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache");
  return join(cache, "foreshadow", "pulumi", `v${PULUMI_VERSION}`);
}

/**
 * The directory of a supported `pulumi` with its Node language host: the one on PATH, else the cached one, else one from
 * Pulumi's installer, else one built from its Go modules.
 *
 * @param say progress, a line a call
 * @throws Error that says what was tried and what to do
 */
export async function ensurePulumi(
  say: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const onPath = await supportedOnPath(environment);
  if (onPath) return onPath;
  const cache = pulumiCache(environment);
  const bin = join(cache, "bin");
  if (await isSupported(bin)) return bin;
  mkdirSync(cache, { recursive: true });
  const release = await exclusive(join(cache, ".lock"), say);
  try {
    if (await isSupported(bin)) return bin;
    const failures: string[] = [];
    for (const [way, attempt] of [
      ["Pulumi's installer", install],
      ["a build from the Go modules", build],
    ] as const) {
      try {
        await attempt(cache, say);
        if (await isSupported(bin)) return bin;
        failures.push(`${way}: ended without a working pulumi in ${bin}`);
      } catch (error) {
        failures.push(`${way}: ${(error as Error).message.split("\n")[0]}`);
      }
      say(`pulumi: ${failures[failures.length - 1]}`);
    }
    throw new Error(
      [
        `No Pulumi CLI could be had. Expected pulumi ${PULUMI_VERSION} or newer (3.x) with pulumi-language-nodejs on PATH; tried:`,
        ...failures.map((failure) => `  - ${failure}`),
        "Install Pulumi (https://www.pulumi.com/docs/install/) or Go 1.25 or newer, then run the command again.",
      ].join("\n"),
    );
  } finally {
    release();
  }
}

async function supportedOnPath(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (environment.PATH ?? "").split(delimiter))
    if (directory && existsSync(join(directory, "pulumi")) && (await isSupported(directory))) return directory;
  return undefined;
}

async function isSupported(bin: string): Promise<boolean> {
  if (!existsSync(join(bin, "pulumi")) || !existsSync(join(bin, "pulumi-language-nodejs"))) return false;
  try {
    const { stdout } = await run(join(bin, "pulumi"), ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeout: 60_000,
    });
    const [major, minor] = stdout.trim().replace(/^v/, "").split(".").map(Number);
    return major === 3 && minor >= Number(PULUMI_VERSION.split(".")[1]);
  } catch {
    return false;
  }
}

async function install(cache: string, say: (line: string) => void): Promise<void> {
  say(`pulumi: installing ${PULUMI_VERSION} with Pulumi's installer …`);
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/cmd.js");
  const { SemVer } = await import("semver");
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error("no answer in 5 minutes")), 300_000).unref(),
  );
  await Promise.race([PulumiCommand.install({ root: cache, version: new SemVer(PULUMI_VERSION) }), late]);
}

async function build(cache: string, say: (line: string) => void): Promise<void> {
  try {
    await run("go", ["version"]);
  } catch {
    throw new Error("no `go` on PATH (Go 1.25 or newer builds it)");
  }
  const work = mkdtempSync(join(cache, "build-"));
  try {
    say(`pulumi: building ${PULUMI_VERSION} from its Go modules, 5 to 8 minutes on two cores …`);
    await goBuild(
      "cli",
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      join(work, "pulumi"),
      ["-ldflags", `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`],
      say,
    );
    say("pulumi: building its Node language host, about a minute …");
    await goBuild(
      "language",
      "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      join(work, "pulumi-language-nodejs"),
      ["-ldflags", "-s -w"],
      say,
    );
    mkdirSync(join(cache, "bin"), { recursive: true });
    // The language host first: a `pulumi` without it is not taken for a working one.
    for (const name of ["pulumi-language-nodejs", "pulumi"]) {
      chmodSync(join(work, name), 0o755);
      renameSync(join(work, name), join(cache, "bin", name));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Builds one command in a copy of its module directory, so that the checkout is never written to. */
async function goBuild(
  module: string,
  packagePath: string,
  output: string,
  flags: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const directory = mkdtempSync(join(dirname(output), `${module}-`));
  for (const file of ["go.mod", "go.sum"]) copyFileSync(join(SOURCES, module, file), join(directory, file));
  const started = Date.now();
  const beat = setInterval(
    () => say(`pulumi: still building (${Math.round((Date.now() - started) / 1000)} s) …`),
    30_000,
  );
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn("go", ["build", "-mod=readonly", "-trimpath", "-o", output, ...flags, packagePath], {
        cwd: directory,
        env: { ...process.env, GOFLAGS: "-buildvcs=false" },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let tail = "";
      child.stderr.on("data", (chunk: Buffer) => {
        tail = (tail + chunk.toString()).slice(-4000);
      });
      child.on("error", reject);
      child.on("exit", (code) =>
        code === 0
          ? resolve()
          : reject(new Error(`go build of ${packagePath} failed: ${tail.trim().split("\n").slice(-3).join("; ")}`)),
      );
    });
  } finally {
    clearInterval(beat);
  }
}

/** A lock file with the holder's pid: a second set-up waits for the first, and takes over from a dead one. */
async function exclusive(file: string, say: (line: string) => void): Promise<() => void> {
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number(readFileSync(file, { encoding: "utf8", flag: "a+" }) || 0);
    if (owner > 0 && !existsSync(`/proc/${owner}`)) rmSync(file, { force: true });
    else if (waited % 30 === 0) say(`pulumi: waiting for another set-up (process ${owner}) …`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
