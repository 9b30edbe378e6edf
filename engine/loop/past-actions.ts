import { baseReplicas, type Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import type { PastAction } from "../orchestrator/decide.port.ts";

/** What a changeset did, in the directions that cool-downs and plan intervals look at. */
export function actionsOf({ before, after, updatedAt }: Changeset): PastAction[] {
  const actions: PastAction[] = [];
  const [was, is] = [baseReplicas(before), baseReplicas(after)];
  if (is !== was) actions.push({ at: updatedAt, direction: is > was ? "out" : "in" });
  const sizes = sizesOf(before).map((size, i) => Math.sign(sizesOf(after)[i] - size));
  const cpu = cpuChange(before, after);
  if (sizes.includes(1)) actions.push({ at: updatedAt, direction: "up", ...(cpu && cpu.to > cpu.from ? { cpu } : {}) });
  if (sizes.includes(-1))
    actions.push({ at: updatedAt, direction: "down", ...(cpu && cpu.to < cpu.from ? { cpu } : {}) });
  if (before.perReplica.instance !== after.perReplica.instance) actions.push({ at: updatedAt, direction: "type" });
  if (JSON.stringify(before.plan) !== JSON.stringify(after.plan)) actions.push({ at: updatedAt, direction: "plan" });
  return actions;
}

function cpuChange(before: Capacity, after: Capacity): PastAction["cpu"] {
  const [from, to] = [before.perReplica.cpu, after.perReplica.cpu];
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
}

function sizesOf({ perReplica, storage, network }: Capacity): number[] {
  return [perReplica.cpu, perReplica.memory, storage.size, storage.iops, storage.throughput, network.bandwidth].map(
    (size) => size ?? 0,
  );
}

/** The kind of action whose lead time a changeset measures. */
export function leadTimeKind(changeset: Changeset): "out" | "in" | "vertical" {
  const directions = actionsOf(changeset).map(({ direction }) => direction);
  if (directions.includes("type")) return "vertical";
  if (directions.includes("out")) return "out";
  return directions.includes("up") || directions.includes("down") ? "vertical" : "in";
}
