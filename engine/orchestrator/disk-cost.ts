import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import type { DiskPrice } from "./decide.port.ts";
import { finite } from "./finite.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** USD an hour; keeps sums finite. */
const MOST = 1e9;

/**
 * USD an hour of the disks that stand alone: one a zone, as the capacity file's `storage` describes it. Operations and throughput are paid for
 * above what comes with every disk. Nought without a price or a size. Pure.
 */
export function diskCost(
  price: DiskPrice | undefined,
  { storage: { size, iops = 0, throughput = 0 } }: Pick<Capacity, "storage">,
  { availability }: Pick<Constraints, "availability">,
): number {
  if (price === undefined || size === undefined) return 0;
  const above = (asked: number, { included, price }: DiskPrice["iops"]) => Math.max(0, asked - included) * price;
  const each =
    (size / GIB) * price.gib +
    above(iops, price.iops) +
    above(throughput / MIB, { ...price.throughput, included: price.throughput.included / MIB });
  return finite(each * Math.floor(finite(availability.zones, 1, 1, 1000)), 0, 0, MOST);
}
