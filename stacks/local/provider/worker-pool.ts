import { join } from "node:path";
import { withLock } from "../world/lock.ts";
import { isNetworkUp, readNetwork } from "../world/network.ts";
import { ensurePool, readPool, removePool } from "../world/pool.ts";
import { isSupervised } from "../world/supervisor.ts";
import * as rule from "./checks.ts";
import type { Handler, Properties } from "./handler.ts";

/** Workers of one pool: more than one host's kernel and a /30 network are made for is a mistake. */
const MOST_WORKERS = 256;
/** Bare Node needs half of it; below, the kernel would kill workers at their first request. */
const LEAST_MEMORY = 96 * 1024 ** 2;
const DEADLINE_SECONDS = 60;

interface Inputs {
  readonly pool: string;
  readonly runDirectory: string;
  readonly count: number;
  readonly plan: readonly { at: number; floor: number }[];
  readonly cpu?: number;
  readonly memory?: number;
  readonly port: number;
}

/** `local:index:WorkerPool` */
export const workerPool: Handler = {
  replaces: ["pool", "runDirectory"],

  check(_olds, news) {
    // What every pool must have: one that has lost its supervisor or its network shows it as a change of that property.
    const inputs = rule.present({ plan: [], port: 0, ...news, supervisor: "running", network: "up" });
    const failures = rule.failuresOf(inputs, {
      pool: rule.poolName,
      runDirectory: rule.runDirectory,
      count: rule.integer(0, MOST_WORKERS, "workers"),
      plan: rule.plan(MOST_WORKERS),
      cpu: rule.optional(rule.number(0.01, 1024, "cores")),
      memory: rule.optional(rule.integer(LEAST_MEMORY, 2 ** 50, "bytes")),
      port: rule.integer(0, 65_535, "as a port (0 leaves the choice)"),
      supervisor: rule.oneOf("running"),
      network: rule.oneOf("up"),
    });
    return { inputs, failures };
  },

  async ensure(properties) {
    const { runDirectory, pool, count, plan, cpu, memory, port } = properties as unknown as Inputs;
    return withLock(runDirectory, async () => {
      const wanted = { pool, count, plan, cpu: cpu ?? null, memory: memory ?? null, port };
      const { spec, status, degraded } = await ensurePool(runDirectory, wanted, DEADLINE_SECONDS);
      const { address, port: listenPort, netns } = spec.listen;
      return rule.present({
        ...properties,
        url: `http://${address}:${listenPort}`,
        address,
        listenPort,
        netns: netns ?? "",
        cgroup: status.workers.some(({ cgroup }) => cgroup === null) ? "" : `/foreshadow/${pool}`,
        statusFile: join(runDirectory, "status.json"),
        ready: status.ready,
        pids: status.workers.map(({ pid }) => pid),
        supervisorPid: status.supervisor.pid,
        degraded,
      });
    });
  },

  async read(runDirectory, olds) {
    const found = readPool(runDirectory);
    if (found === undefined) return undefined;
    const { pool, count, plan, cpu, memory, port } = found.spec;
    const supervisor = isSupervised(runDirectory) ? "running" : "stopped";
    const connected = readNetwork(runDirectory);
    const network = connected && (await isNetworkUp(connected)) ? "up" : "down";
    const inputs = rule.present({
      network,
      pool,
      runDirectory,
      count,
      plan,
      cpu,
      memory,
      port,
      supervisor,
    } satisfies Partial<Properties>);
    return { inputs, outputs: { ...olds, ...inputs } };
  },

  async remove(runDirectory, { pool }) {
    await withLock(runDirectory, () => removePool(runDirectory, pool as string));
  },
};
