import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loopbackPorts } from "../../agent/functions/loopback-ports.ts";
import type { Target } from "../../agent/functions/profiler.port.ts";
import { until } from "../intake/servers.ts";

const SOURCES = fileURLToPath(new URL("hot-functions", import.meta.url));
const PY_SPY = "py-spy==0.4.3";

/** Programs of a test whose functions are known, each with a process of its own. */
export class ProfiledPrograms {
  readonly directory = mkdtempSync(join(tmpdir(), "foreshadow-profiled-"));
  readonly #children: ChildProcess[] = [];

  /** @param rest milliseconds after each turn */
  node({ flags = [], rest = 4 }: { flags?: readonly string[]; rest?: number } = {}): Promise<ChildProcess> {
    return this.#ready(process.execPath, [...flags, join(SOURCES, "hot.mjs"), `${rest}`]);
  }

  python(): Promise<ChildProcess> {
    return this.#ready("python3", [join(SOURCES, "hot.py")]);
  }

  /** Built at the first use of a test, which the toolchain's own cache makes short. */
  go(): Promise<ChildProcess> {
    const program = join(this.directory, "hot");
    const environment = { ...process.env, GOFLAGS: "-mod=mod", GO111MODULE: "off" };
    execFileSync("go", ["build", "-o", program, join(SOURCES, "hot.go")], { env: environment, stdio: "pipe" });
    return this.#ready(program, []);
  }

  async #ready(program: string, args: readonly string[]): Promise<ChildProcess> {
    const child = this.start(program, args);
    await once(child.stdout!, "data");
    return child;
  }

  start(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.resume();
    this.#children.push(child);
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function isThere(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, program)));
}

/** Puts py-spy on PATH, installed into the tests' cache at the first use. @returns why that cannot be; false where it is there */
export function unlessPySpy(): string | false {
  if (isThere("py-spy")) return false;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "foreshadow", "py-spy");
  if (!existsSync(join(cache, "bin", "py-spy")))
    try {
      mkdirSync(cache, { recursive: true });
      const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", cache, PY_SPY];
      execFileSync("python3", args, { stdio: "pipe", timeout: 60_000 });
    } catch {
      return `needs py-spy, which pip could not install (${PY_SPY})`;
    }
  process.env.PATH = `${process.env.PATH ?? ""}${delimiter}${join(cache, "bin")}`;
  return false;
}

/** A process as profilers are told it. */
export function targetOf({ pid }: ChildProcess): Target {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ");
  return { procRoot: "/proc", pid: pid!, startTime: Number(fields[19]) };
}

/** Whether a program that listens on nothing else has its inspector open. */
export const inspectorOpen = (child: ChildProcess) => loopbackPorts("/proc", child.pid!).length > 0;
export const alive = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

/** Until a Node program has come so far that it handles signals. */
export const begun = (child: ChildProcess) =>
  until(() => Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) > 5, 10).then(
    () => sleep(300),
  );
