import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { readJson, writeAtomic } from "../runtime/atomic-file.ts";
import { CommandError, run, succeeds } from "./command.ts";
import { withLock } from "./lock.ts";
import { kernelNames } from "./run-directory.ts";

/** Where a pool's workers listen: `network.json` in the run directory. */
export interface PoolNetwork {
  /** Null for the host's own namespace. */
  readonly netns: string | null;
  /** The veth's end on the host; null without a namespace. */
  readonly veth: string | null;
  readonly address: string;
  /** The port that was chosen where none was asked for. */
  readonly chosenPort: number;
  /** Another one means another network, even at the same address. */
  readonly id: string;
  readonly degraded: readonly string[];
}

/** Private addresses that the /30 networks between host and pools are taken from. */
const SECOND_OCTET = 231;
const NETWORKS = 256 * 64;
const ALIAS = "foreshadow ";
/** In a namespace of its own a pool can have any port. */
const USUAL_PORT = 8080;

/**
 * Gives a pool its network: a namespace, and a veth pair through which only this host reaches it. Repeating it finishes
 * what an interrupted call has begun.
 */
export async function ensureNetwork(runDirectory: string): Promise<PoolNetwork> {
  const known = readNetwork(runDirectory);
  if (known && (await isNetworkUp(known))) return known;
  const network = await makeNetwork(runDirectory);
  writeAtomic(join(runDirectory, "network.json"), JSON.stringify(network));
  return network;
}

async function makeNetwork(runDirectory: string): Promise<PoolNetwork> {
  const reason = await whyNoNamespace();
  if (reason !== undefined) return onLoopback(reason);
  try {
    return await makeNamespace(runDirectory);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    await removeNetwork(runDirectory);
    return onLoopback(error.message);
  }
}

export function readNetwork(runDirectory: string): PoolNetwork | undefined {
  return readJson<PoolNetwork>(join(runDirectory, "network.json"));
}

/** Removes namespace and veth, also such as were left half made. */
export async function removeNetwork(runDirectory: string): Promise<void> {
  const { netns, veth } = kernelNames(runDirectory);
  // Removing the namespace takes the veth pair along, but only some time later.
  await succeeds("ip", "link", "del", veth);
  await succeeds("ip", "netns", "del", netns);
  rmSync(join(runDirectory, "network.json"), { force: true });
}

/** Run directories that a veth of this host says it belongs to. */
export async function networkOwners(): Promise<string[]> {
  const text = await run("ip", "-j", "link", "show", "type", "veth").catch(() => "[]");
  const links = JSON.parse(text.trim() || "[]") as { ifalias?: string }[];
  return links
    .map(({ ifalias }) => ifalias ?? "")
    .filter((alias) => alias.startsWith(ALIAS))
    .map((alias) => alias.slice(ALIAS.length));
}

async function makeNamespace(runDirectory: string): Promise<PoolNetwork> {
  await removeNetwork(runDirectory);
  const { netns, veth, peer } = kernelNames(runDirectory);
  return withLock("network addresses", async () => {
    const [hostAddress, address] = addressesOf(await freeNetwork());
    await run("ip", "netns", "add", netns);
    await run("ip", "link", "add", veth, "type", "veth", "peer", "name", peer, "netns", netns);
    // Tells whose it is, should the directory be lost.
    await run("ip", "link", "set", veth, "alias", `${ALIAS}${runDirectory}`);
    await run("ip", "addr", "add", `${hostAddress}/30`, "dev", veth);
    await run("ip", "link", "set", veth, "up");
    await run("ip", "-n", netns, "addr", "add", `${address}/30`, "dev", peer);
    await run("ip", "-n", netns, "link", "set", peer, "up");
    await run("ip", "-n", netns, "link", "set", "lo", "up");
    const degraded = (await migrateRequests(netns))
      ? []
      : ["a worker that ends may reset connections: the kernel does not have net.ipv4.tcp_migrate_req"];
    return { netns, veth, address, chosenPort: USUAL_PORT, id: randomUUID(), degraded };
  });
}

/** Connections that wait at a listener that closes go to another worker's; without it they are reset. */
function migrateRequests(netns: string): Promise<boolean> {
  return succeeds("nsenter", `--net=/run/netns/${netns}`, "--", "sysctl", "-qw", "net.ipv4.tcp_migrate_req=1");
}

async function onLoopback(reason: string): Promise<PoolNetwork> {
  return {
    netns: null,
    veth: null,
    address: "127.0.0.1",
    chosenPort: await freePort(),
    id: "loopback",
    degraded: [
      `workers listen on the host's loopback: ${reason}`,
      "a worker that ends may reset connections: it shares the host's TCP settings",
    ],
  };
}

async function whyNoNamespace(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "a network namespace needs root";
  if (!(await succeeds("nsenter", "--version"))) return "nsenter (package util-linux) is missing";
  if (!(await succeeds("ip", "-V"))) return "ip (package iproute2) is missing";
  return (await succeeds("ip", "netns", "list")) ? undefined : "ip netns does not work here";
}

export async function isNetworkUp({ netns, veth, address }: PoolNetwork): Promise<boolean> {
  if (netns === null || veth === null) return true;
  if (!(await succeeds("ip", "link", "show", veth))) return false;
  const inside = await run("ip", "-n", netns, "-o", "addr", "show", "up").catch(() => "");
  return inside.includes(`${address}/30`);
}

/** The number of a /30 that no address and no route of this host overlaps. */
async function freeNetwork(): Promise<number> {
  const text = `${await run("ip", "-o", "-4", "addr", "show")}\n${await run("ip", "-4", "route", "show", "table", "all")}`;
  const start = process.pid % NETWORKS;
  for (let i = 0; i < NETWORKS; i++) {
    const candidate = (start + i) % NETWORKS;
    const [host, pool] = addressesOf(candidate);
    const network = host.replace(/\d+$/, (last) => `${Number(last) - 1}`);
    const taken = [network, host, pool].some((address) =>
      new RegExp(`\\b${address.replaceAll(".", "\\.")}\\b`).test(text),
    );
    if (!taken && !new RegExp(`\\b10\\.${SECOND_OCTET}\\.0\\.0/(8|9|1\\d|2[0-3])\\b`).test(text)) return candidate;
  }
  throw new Error(`expected a free /30 in 10.${SECOND_OCTET}.0.0/16 for the pool's network, found all in use`);
}

/** The addresses of host and pool in the n-th /30. */
export function addressesOf(n: number): [host: string, pool: string] {
  const prefix = `10.${SECOND_OCTET}.${Math.floor(n / 64)}`;
  const last = (n % 64) * 4;
  return [`${prefix}.${last + 1}`, `${prefix}.${last + 2}`];
}

function freePort(): Promise<number> {
  return bindOnce(0);
}

/**
 * Workers share their port, and the kernel would let two pools of one user share it too, each getting half of the other's
 * requests. An exclusive bind finds out first.
 *
 * @throws Error when somebody listens there
 */
export async function refuseBusyPort(port: number): Promise<void> {
  try {
    await bindOnce(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `port ${port}: expected a port that is free on 127.0.0.1, found ${code}; choose another one, or 0 to have it chosen`,
    );
  }
}

function bindOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(port, "127.0.0.1", () => {
      const { port: bound } = probe.address() as { port: number };
      probe.close(() => resolve(bound));
    });
  });
}
