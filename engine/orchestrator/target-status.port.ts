/** What the target itself says of a workload's replicas, as far as it tells. */
export interface TargetStatus {
  /** Replicas that serve, and those that have been started and do not serve yet. */
  readonly ready: number;
  readonly warming: number;
  /** Processes of replicas in warm-up, where the target runs on this host: what they use is not demand. */
  readonly warmingPids: readonly number[];
  /** Requests answered since the workload was created, where the target counts them. */
  readonly requestsTotal?: number;
  /** Epoch seconds. */
  readonly at: number;
}

/** Where replicas are known. `undefined` when the target does not tell: then the replicas that report are taken for the ready ones. */
export interface TargetStatusPort {
  read(workload: string): TargetStatus | undefined;
}
