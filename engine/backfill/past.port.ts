import type { ReadWorkload, UsageHistory } from "../usage/history/usage-history.port.ts";

/** A server that has recorded the past of the project's workloads. */
export interface Past {
  /** What the store marks with that was read of it. */
  readonly origin: string;
  readonly history: Pick<UsageHistory, "read">;
  /** All workloads of the project, since it is told by all whose a series is. */
  readonly workloads: readonly ReadWorkload[];
  close(): void;
}
