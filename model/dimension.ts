/** What capacity is bought in. Constraints, thresholds and scaling directions are stated per dimension. */
export const DIMENSIONS = ["cpu", "memory", "disk", "network"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/**
 * What is measured. Each is one column of a usage vector, of the usage store and of a trace file.
 *
 * | metric | unit |
 * | --- | --- |
 * | cpu | cores |
 * | memory | bytes, working set |
 * | disk_read, disk_write | bytes per second |
 * | disk_read_operations, disk_write_operations | operations per second |
 * | disk_used | bytes occupied on the workload's volume |
 * | network_receive, network_transmit | bytes per second |
 * | requests | requests per second, a load signal |
 * | errors | failed requests per second; no demand, tells incidents |
 */
export const METRICS = [
  "cpu",
  "memory",
  "disk_read",
  "disk_write",
  "disk_read_operations",
  "disk_write_operations",
  "disk_used",
  "network_receive",
  "network_transmit",
  "requests",
  "errors",
] as const;
export type Metric = (typeof METRICS)[number];

/**
 * What is forecast and compared with capacity. Each has one capacity figure to compare with.
 *
 * | series | from metrics | capacity |
 * | --- | --- | --- |
 * | cpu | cpu | `perReplica.cpu` |
 * | memory | memory | `perReplica.memory` |
 * | disk | disk_read + disk_write | `storage.throughput` |
 * | storage | disk_used | `storage.size` |
 * | network | the greater of network_receive and network_transmit | `network.bandwidth` |
 * | requests | requests | `perReplica.requests` |
 */
export const SERIES = ["cpu", "memory", "disk", "storage", "network", "requests"] as const;
export type SeriesName = (typeof SERIES)[number];

/** The dimension whose constraints (utilisation, threshold, direction) govern a series. */
export const DIMENSION_OF: Record<SeriesName, Dimension> = {
  cpu: "cpu",
  memory: "memory",
  disk: "disk",
  storage: "disk",
  network: "network",
  requests: "cpu",
};

/** The value of a series from the metrics of one instant; `NaN` where nothing it is made of was measured. A gap stays a gap. */
export function seriesValue(series: SeriesName, metrics: Partial<Record<Metric, number>>): number {
  const at = (metric: Metric) => metrics[metric] ?? Number.NaN;
  switch (series) {
    case "disk":
      return sumPresent(at("disk_read"), at("disk_write"));
    case "storage":
      return at("disk_used");
    case "network":
      return maxPresent(at("network_receive"), at("network_transmit"));
    default:
      return at(series);
  }
}

function sumPresent(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : a + b;
}

function maxPresent(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}
