import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import type { PastAction, Pin } from "./decide.port.ts";
import { finite, MOST_REPLICAS } from "./finite.ts";
import type { Serving } from "./need.ts";
import { bounds } from "./replicas.ts";

/**
 * CPU per replica where CPU scales out: it grows only when there may be no more replicas, and goes back before replicas go. The number of
 * replicas is therefore decided for the size that a person chose, however large they are at present.
 */

/**
 * CPU per replica as a person chose it: the present size without what past actions, as far as they are remembered, made of it. A size
 * that no action explains is a person's.
 */
export function chosenCpu(size: number, actions: readonly PastAction[]): number {
  const changes = actions.filter(({ cpu, at }) => cpu !== undefined && Number.isFinite(at)).sort((a, b) => b.at - a.at);
  let [chosen, least] = [size, size];
  for (const { cpu } of changes) {
    if (cpu === undefined || cpu.to !== chosen || !(cpu.from > 0) || !Number.isFinite(cpu.from)) break;
    chosen = cpu.from;
    least = Math.min(least, chosen);
  }
  return least;
}

/** Replicas beyond which people let nothing grow: the greatest number that bounds and pins allow. */
export function mostReplicas(constraints: Constraints, pins: readonly Pin[]): number {
  return pins.reduce(
    (most, { max }) => Math.min(most, Math.floor(finite(max, MOST_REPLICAS, 0, MOST_REPLICAS))),
    bounds(constraints).most,
  );
}

/**
 * CPU that a replica may have at most: as a person says, and under a budget that caps as much as it pays for, at the price of a core of
 * the chosen size. `undefined` where nothing bounds it.
 */
export function mostCpu(
  { availability, cost }: Constraints,
  chosen: number,
  replicas: number,
  affordable: number | undefined,
): number | undefined {
  const stated = finite(availability.perReplica.cpu, Number.MAX_VALUE, 0, Number.MAX_VALUE);
  const paid =
    cost.onBudget === "cap" && affordable !== undefined ? (chosen * affordable) / Math.max(1, replicas) : stated;
  const most = Math.min(stated, paid);
  return most < Number.MAX_VALUE ? most : undefined;
}

/** Whether a serving is of CPU that scales out and whose size per replica is the file's. */
export function growsBeyondReplicas({ series, scales }: Serving, { perReplica }: Capacity): boolean {
  return series === "cpu" && scales === "out" && perReplica.cpu !== undefined && perReplica.instance === undefined;
}
