import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { OPERATION_VARIABLE } from "../../engine/infrastructure/processes.ts";
import type { ProgressMessage } from "../../engine/orchestrator/change/progress.port.ts";

export const VICTIMS = ["engine", "runner", "pulumi", "provider", "engine and pulumi", "all"] as const;
export type Victim = (typeof VICTIMS)[number];

/** The points of a changeset at which a process may be killed: within a step, or as its state is recorded. */
export const MOMENTS = [
  "proposed",
  "previewing",
  "preview",
  "rehearseReverse",
  "approved",
  "applying",
  "push",
  "up",
  "verifying",
  "verify",
] as const;
export type Moment = (typeof MOMENTS)[number];

/** Who is killed, when it is heard that a step begins or a state is recorded, and so much later. */
export interface Kill {
  readonly victim: Victim;
  readonly moment: Moment;
  readonly milliseconds: number;
}

/** Where engines run that are killed. */
export interface Ground {
  /** The repository's root, and the engine's store. */
  readonly root: string;
  readonly store: string;
  /** Environment of an engine and all that it starts; `mark` is the variable in it that tells them from all others. */
  readonly env: NodeJS.ProcessEnv;
  readonly mark: string;
  /** Program and arguments of an engine, before what it is to do. */
  readonly engine: readonly string[];
  /** In the command line of a provider's plugin. */
  readonly provider: string;
  git(...args: string[]): string;
  /** Pulumi's locks of the stack. */
  locks(): string[];
}

/** Numbers between 0 and 1 that a seed repeats. Mulberry32, public domain, by Tommy Ettinger. */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Found {
  readonly pid: number;
  readonly name: string;
  readonly arguments: string;
  readonly operation: string | undefined;
}

/** The processes of a place: each has its mark in the environment. */
export function processesOf({ mark: name, env }: Pick<Ground, "mark" | "env">): Found[] {
  const mark = `${name}=${env[name]}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
        if (!environment.includes(mark)) return [];
        const operation = environment.find((entry) => entry.startsWith(`${OPERATION_VARIABLE}=`));
        return [
          {
            pid: Number(pid),
            name: readFileSync(`/proc/${pid}/comm`, "latin1").trim(),
            arguments: readFileSync(`/proc/${pid}/cmdline`, "latin1"),
            operation: operation?.slice(OPERATION_VARIABLE.length + 1),
          },
        ];
      } catch {
        return [];
      }
    });
}

/** What a lock that went away while its owner's plugins were still at work would be: the one thing that must not happen. */
export interface Violation {
  readonly text: string;
}

/**
 * One run of an engine process with kills in it, each waiting for its moment once the one before has come.
 *
 * @returns `killed`: how many of the kills came about
 */
export async function runEngine(
  ground: Ground,
  command: readonly string[],
  kills: readonly Kill[],
): Promise<{ killed: number; ended: number | NodeJS.Signals | null; output: string }> {
  const engine = spawn(process.execPath, [...ground.engine, ...command], {
    env: ground.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  engine.stderr.on("data", (data) => {
    output += data;
  });
  let killed = 0;
  let killing: Promise<void> = Promise.resolve();
  createInterface({ input: engine.stdout }).on("line", (line) => {
    output += `${line}\n`;
    const kill = kills[killed];
    if (kill === undefined || !begins(JSON.parse(line), kill.moment)) return;
    killed++;
    const next = sleep(kill.milliseconds).then(() => end(ground, engine, kill.victim));
    killing = Promise.all([killing, next]).then(() => {});
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    engine.once("close", (...ended) => resolve(ended)),
  );
  await killing;
  return { killed, ended: signal ?? code, output };
}

function begins(message: ProgressMessage, moment: Moment): boolean {
  if (message.code === "changeset-state") return message.to === moment;
  return message.code === "step" && message.seconds === undefined && message.step === moment;
}

function end(ground: Ground, engine: ChildProcess, victim: Victim): void {
  const found = processesOf(ground);
  const pulumi = found.filter(({ name }) => name === "pulumi");
  const provider = found.filter(({ arguments: text }) => text.includes(ground.provider));
  const runner = found.filter(({ arguments: text }) => text.includes("infrastructure/runner."));
  const victims: Record<Victim, readonly number[]> = {
    engine: [engine.pid!],
    runner: runner.map(({ pid }) => pid),
    pulumi: pulumi.map(({ pid }) => pid),
    provider: provider.map(({ pid }) => pid),
    "engine and pulumi": [engine.pid!, ...pulumi.map(({ pid }) => pid)],
    all: found.map(({ pid }) => pid),
  };
  for (const pid of victims[victim]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended by itself in the meantime.
    }
  }
}

/**
 * Watches, while an engine recovers, that no lock of a dead `pulumi` is taken away as long as a process of its operation is alive.
 *
 * @returns a function that ends the watch and gives what was seen
 */
export function watchLocks(ground: Ground): () => Violation[] {
  const violations: Violation[] = [];
  let before: { lock: string; alive: readonly Found[] }[] = [];
  const timer = setInterval(() => {
    const locks = ground.locks();
    const found = processesOf(ground);
    for (const { lock, alive } of before) {
      if (locks.includes(lock) || alive.length === 0) continue;
      const still = alive.filter(({ pid }) => found.some((other) => other.pid === pid));
      if (still.length > 0)
        violations.push({
          text: `${lock} went while ${still.map(({ pid, name }) => `${name} ${pid}`).join(", ")} lived`,
        });
    }
    before = locks.map((lock) => ({ lock, alive: ownersOf(lock, found) }));
  }, 25);
  return () => {
    clearInterval(timer);
    return violations;
  };
}

/** Living processes of the operation of a lock whose own process is dead: known from the moment at which it still lived. */
const operations = new Map<string, string>();
function ownersOf(lock: string, found: readonly Found[]): Found[] {
  let pid: number;
  try {
    pid = JSON.parse(readFileSync(lock, "utf8")).pid;
  } catch {
    return [];
  }
  const owner = found.find((one) => one.pid === pid);
  if (owner?.operation !== undefined) operations.set(lock, owner.operation);
  const operation = operations.get(lock);
  // While the owner lives, the lock is its own to take away.
  return owner !== undefined || operation === undefined ? [] : found.filter((one) => one.operation === operation);
}
