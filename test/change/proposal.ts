import type { Proposal } from "../../engine/orchestrator/change/intent.ts";
import type { Capacity } from "../../model/capacity.ts";
import { STACK } from "./file-world.ts";

const GiB = 2 ** 30;

/** What the file world starts with. */
export const DEPLOYED: Capacity = {
  owns: "desired",
  replicas: { count: 2 },
  plan: [],
  perReplica: { cpu: 1, memory: GiB },
  storage: { size: 10 * GiB },
  network: {},
};

/** An automatic proposal of so many replicas and GiB of storage for `web`. */
export function proposalFor(replicas: number, gibibytes = 10): Proposal {
  return {
    workload: "web",
    stack: STACK,
    after: { ...DEPLOYED, replicas: { count: replicas }, storage: { size: gibibytes * GiB } },
    reasons: [{ kind: "forecast", text: "demand rises at eight" }],
    mode: "auto",
  };
}
