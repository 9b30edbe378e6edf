import { fleetShape } from "../fleet/shape.ts";
import { FleetShard, type FleetTier } from "../fleet/shard.ts";
import { type Table, Tables } from "../fleet/tables.ts";
import type { GlobalModelSource } from "../lstm/global-model.port.ts";

/** A shard as it lies in memory, which several threads may see, and in a file. */
export interface SharedShard {
  readonly columns: number;
  readonly tier: FleetTier;
  /** Seconds. */
  readonly step: number;
  readonly season: number;
  readonly tables: ReadonlyMap<string, Table>;
}

/** @throws RangeError where the tables are of another layout */
export function openShard(
  { columns, tier, step, season, tables }: SharedShard,
  globalModel: GlobalModelSource | undefined,
): FleetShard {
  return new FleetShard(fleetShape(step, season), new Tables(columns, tables), tier, globalModel);
}
