/** Labels of a series, or attributes: names with underscores for what Prometheus does not take. */
export type Labels = ReadonlyMap<string, string>;

/** One value of one series of a foreign source. */
export interface Sample {
  /** As Prometheus writes it: underscores for dots. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** Epoch seconds. */
  readonly at: number;
  /**
   * What is known of how it counts: `delta` since `start`, `cumulative` from `start` on. Prometheus says nothing of it.
   */
  readonly counts?: "delta" | "cumulative";
  readonly start?: number;
}

/** A name of a metric or label as Prometheus writes it. */
export function prometheusName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_:]/g, "_");
}
