import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { DIMENSION_OF, SERIES, type SeriesName } from "../../model/dimension.ts";
import type { InstanceType } from "./decide.port.ts";
import { ceiling, finite, MOST_REPLICAS } from "./finite.ts";

/**
 * From demand to need. Demand of a workload with R replicas is `fixed · R + load`: a part that every replica has whatever it
 * serves (its code, its caches), and a part that load drives. More replicas divide only the second.
 */

/** How one series is served: what one replica, or with `up` the whole, has of it and how full it may get. */
export interface Serving {
  readonly series: SeriesName;
  readonly scales: "out" | "up";
  /** Cores, bytes, bytes per second or requests per second. Of one replica, except where `whole`. */
  readonly capacity: number;
  /** The capacity figure is of the workload as a whole: storage, and bandwidth and throughput that scale up. */
  readonly whole: boolean;
  /** Share of the capacity that demand may reach. */
  readonly utilisation: number;
}

/** An exabyte: no size is greater. */
const MOST_SIZE = 1e18;
/** A lower target than this is a fault of the input. */
const LEAST_UTILISATION = 0.01;

/**
 * The series that the capacity file has a figure for, with what governs each. Series that scale `none` are left out.
 * Storage always scales up.
 */
export function servings(
  capacity: Capacity,
  constraints: Constraints,
  catalogue: Readonly<Record<string, InstanceType>> = {},
): Serving[] {
  const found: Serving[] = [];
  for (const series of SERIES) {
    const dimension = DIMENSION_OF[series];
    const direction = constraints.scales[dimension];
    const figure = capacityFigure(series, capacity, catalogue);
    // What a machine can move at most is of one machine: where a dimension scales up it is no size that could be set.
    if (fromType(series, capacity) && direction !== "out") continue;
    if (direction === "none" || figure === undefined || !(figure > 0) || !Number.isFinite(figure)) continue;
    const scales = series === "storage" ? "up" : series === "requests" ? "out" : direction;
    const whole = series === "storage" || (scales === "up" && (series === "network" || series === "disk"));
    const target = constraints.performance.utilisation[dimension];
    const utilisation = finite(target, 1, LEAST_UTILISATION, 1);
    found.push({ series, scales, capacity: figure, whole, utilisation });
  }
  return found;
}

function fromType(series: SeriesName, { storage, network }: Capacity): boolean {
  return (
    (series === "disk" && storage.throughput === undefined) || (series === "network" && network.bandwidth === undefined)
  );
}

/** The figure that a series is compared with, as `model/dimension.ts` lists them. */
export function capacityFigure(
  series: SeriesName,
  { perReplica, storage, network }: Pick<Capacity, "perReplica" | "storage" | "network">,
  catalogue: Readonly<Record<string, InstanceType>> = {},
): number | undefined {
  const type = perReplica.instance === undefined ? undefined : catalogue[perReplica.instance];
  switch (series) {
    case "cpu":
      return perReplica.cpu ?? type?.cpu;
    case "memory":
      return perReplica.memory ?? type?.memory;
    case "requests":
      return perReplica.requests;
    case "disk":
      return storage.throughput ?? type?.disk;
    case "storage":
      return storage.size;
    case "network":
      return network.bandwidth ?? type?.network;
  }
}

/**
 * Replicas that demand needs at the utilisation target: the least n with `fixed · n + load ≤ n · capacity · utilisation`.
 * Where the fixed part alone fills a replica, replicas do not help: the answer is what there is, so that none is added.
 *
 * @param demand of the workload as a whole
 * @param fixed part of demand per replica
 * @param replicas that the demand was measured with, or is forecast for
 */
export function replicasNeeded(
  demand: number,
  serving: Pick<Serving, "capacity" | "utilisation">,
  fixed = 0,
  replicas = 0,
): number {
  const load = demand - fixed * replicas;
  if (!(load > 0)) return 0;
  const headroom = serving.capacity * serving.utilisation - fixed;
  if (!(headroom > 0)) return replicas;
  return Math.min(MOST_REPLICAS, Math.max(1, ceiling(load / headroom)));
}

/**
 * Size that demand needs at the utilisation target, in the unit of the capacity: of one replica among `next`, or of the
 * workload as a whole.
 *
 * @param fixed part of demand per replica; `undefined` when it is not known: then the whole per-replica demand counts as fixed
 */
export function sizeNeeded(
  demand: number,
  serving: Pick<Serving, "whole" | "utilisation">,
  fixed: number | undefined,
  replicas: number,
  next: number,
): number {
  const now = Math.max(1, replicas);
  const load = fixed === undefined ? 0 : Math.max(0, demand - fixed * now);
  const used = serving.whole ? demand : fixed === undefined ? demand / now : fixed + load / Math.max(1, next);
  return Math.min(MOST_SIZE, used / serving.utilisation);
}

/**
 * Replicas of which `needed` are left when the fullest of the zones is lost, with replicas spread evenly: the least n with
 * n − ⌈n / zones⌉ ≥ needed. With one zone nothing can be spared.
 */
export function withZoneToSpare(needed: number, zones: number): number {
  if (!(zones >= 2) || needed <= 0) return needed;
  let n = Math.max(needed, ceiling((needed * zones) / (zones - 1)));
  while (n - Math.ceil(n / zones) < needed) n++;
  while (n > needed && n - 1 - Math.ceil((n - 1) / zones) >= needed) n--;
  return Math.min(MOST_REPLICAS, n);
}

/** Replicas that are left when the fullest of the zones is lost. */
export function withoutZone(replicas: number, zones: number): number {
  return zones >= 2 ? replicas - Math.ceil(replicas / Math.floor(zones)) : replicas;
}
