import type { Capacity } from "./capacity.ts";

/** Replicas that the file asks for at an instant: the last step of the plan that has begun, else the base. */
export function replicasAt(capacity: Pick<Capacity, "replicas" | "plan">, at: number): number {
  let replicas = "count" in capacity.replicas ? capacity.replicas.count : capacity.replicas.floor;
  for (const step of capacity.plan) {
    if (step.at > at) break;
    replicas = step.floor;
  }
  return replicas;
}
