import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeAtomic } from "../runtime/atomic-file.ts";
import { CommandError, run, succeeds } from "./command.ts";
import { readNetwork } from "./network.ts";
import { kernelNames } from "./run-directory.ts";

/** Bytes that may pass at once; tbf needs at least rate / HZ, and full packets. */
const LEAST_BURST = 32 * 1024;
/** Longest time that a packet waits for its turn before it is dropped. */
const LATENCY = "100ms";

export interface BandwidthState {
  /** Bytes per second, each way. */
  readonly bandwidth: number;
  readonly enforced: boolean;
  /** Why it is not. */
  readonly reason: string;
}

/** Limits what goes into and out of the pool's network, in place: connections live on. */
export async function ensureBandwidth(runDirectory: string, bandwidth: number): Promise<BandwidthState> {
  const reason = await limit(runDirectory, bandwidth);
  const state = { bandwidth, enforced: reason === "", reason };
  writeAtomic(join(runDirectory, "bandwidth.json"), JSON.stringify(state));
  return state;
}

/** Sets the limit again, where there is one, after the network was made anew. */
export async function restoreBandwidth(runDirectory: string): Promise<void> {
  const state = readJson<BandwidthState>(join(runDirectory, "bandwidth.json"));
  if (state) await ensureBandwidth(runDirectory, state.bandwidth);
}

/** The limit as the kernel has it, the lower of both ways; `undefined` when there is none. */
export async function readBandwidth(runDirectory: string): Promise<BandwidthState | undefined> {
  const state = readJson<BandwidthState>(join(runDirectory, "bandwidth.json"));
  if (state === undefined || !state.enforced) return state;
  const { netns, veth, peer } = kernelNames(runDirectory);
  const rates = await Promise.all([rateOf(["-j"], veth), rateOf(["-n", netns, "-j"], peer)]);
  if (rates.some((rate) => rate === undefined)) return undefined;
  return { ...state, bandwidth: Math.min(...(rates as number[])) };
}

export async function removeBandwidth(runDirectory: string): Promise<void> {
  const { netns, veth, peer } = kernelNames(runDirectory);
  await succeeds("tc", "qdisc", "del", "dev", veth, "root");
  await succeeds("tc", "-n", netns, "qdisc", "del", "dev", peer, "root");
  rmSync(join(runDirectory, "bandwidth.json"), { force: true });
}

async function limit(runDirectory: string, bandwidth: number): Promise<string> {
  const network = readNetwork(runDirectory);
  if (network === undefined) return "the pool has no network yet";
  if (network.netns === null) return "the pool has no network of its own";
  const { netns, veth, peer } = kernelNames(runDirectory);
  const burst = `${Math.max(LEAST_BURST, Math.ceil(bandwidth / 100))}b`;
  const shape = ["root", "tbf", "rate", `${bandwidth * 8}bit`, "burst", burst, "latency", LATENCY];
  try {
    await run("tc", "qdisc", "replace", "dev", veth, ...shape);
    await run("tc", "-n", netns, "qdisc", "replace", "dev", peer, ...shape);
    return "";
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

async function rateOf(flags: string[], device: string): Promise<number | undefined> {
  const text = await run("tc", ...flags, "qdisc", "show", "dev", device).catch(() => "[]");
  const queues = JSON.parse(text.trim() || "[]") as { kind: string; options?: { rate?: number } }[];
  return queues.find(({ kind }) => kind === "tbf")?.options?.rate;
}
