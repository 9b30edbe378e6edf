import type { FleetDeviations } from "./deviations.ts";
import type { FleetHistory } from "./history.ts";
import type { FleetProfile } from "./profile.ts";

/** What is known of the series of a shard, whatever models read it. */
export interface FleetSeries {
  readonly history: FleetHistory;
  readonly profile: FleetProfile;
  readonly deviations: FleetDeviations;
}
