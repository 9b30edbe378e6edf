import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { Bandwidth, Volume, WorkerPool } from "./resources.ts";
import { runRoot } from "./world/run-directory.ts";

const config = new pulumi.Config();
const workload = config.get("workload") ?? "web";
const pool = config.get("pool") ?? workload;
const runDirectory = config.get("runDirectory") ?? join(config.get("runRoot") ?? runRoot(), pool);
const { replicas, plan, perReplica, storage, network, file } = capacity(workload);

if (!("count" in replicas))
  throw new Error(
    `${file}: ${workload}: expected owns: desired, since the local stack has no scaler of its own, found owns: floor`,
  );

const place = { pool, runDirectory };

const volume =
  storage.size === undefined
    ? undefined
    : new Volume(`${workload}-volume`, {
        ...place,
        size: storage.size,
        throughput: storage.throughput,
        iops: storage.iops,
      });

const workers = new WorkerPool(
  workload,
  {
    ...place,
    count: replicas.count,
    plan: plan.map(({ at, floor }) => ({ at, floor })),
    cpu: perReplica.cpu,
    memory: perReplica.memory,
    port: config.getNumber("port") ?? 0,
  },
  { dependsOn: volume ? [volume] : [] },
);

const bandwidth =
  network.bandwidth === undefined
    ? undefined
    : new Bandwidth(`${workload}-bandwidth`, { ...place, bandwidth: network.bandwidth }, { dependsOn: [workers] });

const none = pulumi.output<string[]>([]);

/** Outputs of the stack. */
export const outputs = {
  url: workers.url,
  runDirectory,
  statusFile: workers.statusFile,
  cgroup: workers.cgroup,
  /** What this host cannot do, in words. */
  degraded: pulumi
    .all([workers.degraded, volume?.degraded ?? none, bandwidth?.degraded ?? none])
    .apply((lists) => lists.flat()),
};
