import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { runAgent } from "../../agent/agent.ts";
import { siblingModule } from "../../model/sibling.ts";
import type { UsageVector } from "../../model/vector.ts";
import { LimitedCgroup } from "./limited-cgroup.ts";

/** Threads that each want `share` of a core, by turns of `period` milliseconds. */
export interface Want {
  readonly threads: number;
  readonly share: number;
  readonly period: number;
}

/** Means over the vectors of a run, in cores. */
export interface Seen {
  readonly usage: number;
  readonly demand: number;
}

/** Vectors at the start in which the limit has not taken hold. */
const SETTLE = 4;

export function wanted({ threads, share }: Want): number {
  return threads * share;
}

/** A process with such threads; resolved when all of them run. */
export async function startWanting({ threads, share, period }: Want): Promise<ChildProcess> {
  const script = siblingModule(import.meta.url, "./wanting-threads");
  const child = spawn(process.execPath, [script, `${threads}`, `${share}`, `${period}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  return child;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** Usage and demand of a cgroup as the agent tells them over so many seconds. */
export async function shadowCgroup(path: string, seconds: number): Promise<UsageVector[]> {
  const vectors: UsageVector[] = [];
  const stop = new AbortController();
  const onVectors = (tick: readonly UsageVector[]) => {
    vectors.push(...tick);
    if (vectors.length >= SETTLE + seconds) stop.abort();
  };
  await runAgent(
    { workloads: [{ name: "held-back", select: { cgroup: path } }], endpoint: null, listen: null, onVectors },
    stop.signal,
  );
  return vectors.slice(SETTLE);
}

export function seen(vectors: readonly UsageVector[]): Seen {
  const mean = (of: (vector: UsageVector) => number) =>
    vectors.reduce((sum, vector) => sum + of(vector), 0) / vectors.length;
  return { usage: mean(({ usage }) => usage.cpu!), demand: mean(({ demand }) => demand.cpu!) };
}

/**
 * What the agent says of threads which get no more than `share` of what they want.
 *
 * @returns undefined where there is no cgroup to limit them with
 */
export async function heldBackTo(share: number, want: Want, seconds: number): Promise<Seen | undefined> {
  const cgroup = LimitedCgroup.make("foreshadow-held-back", share * wanted(want));
  if (cgroup === undefined) return undefined;
  const child = await startWanting(want);
  try {
    cgroup.add(child.pid!);
    return seen(await shadowCgroup(cgroup.path, seconds));
  } finally {
    await end(child);
    await cgroup.remove();
  }
}
