import type { Metric } from "../../../model/dimension.ts";

/** What a value becomes of: a metric of the usage vector, a named signal, or that CPU was held back by a quota. */
export type Figure = Metric | "concurrency" | "throttled";

/** Metrics of one source that become one figure of the usage vector. */
export interface Family {
  /** Who tells it. */
  readonly source: string;
  readonly figure: Figure;
  /** Its names, as Prometheus writes them. */
  readonly names: readonly string[];
  /** A counter becomes its rate, a gauge stays what it is. */
  readonly kind: "counter" | "gauge";
  /** Whether it is what was asked for, rather than what was got. */
  readonly demand?: true;
  /** What a value is multiplied by. Default 1. */
  readonly scale?: number;
  /** Label, or the first present of several (`a|b`), to the values that count, `*` for any text. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** Values that do not count. A label that is absent is an empty value. */
  readonly not?: Readonly<Record<string, readonly string[]>>;
  /** Of several families that give one figure the one of least rank counts: what is about a pod before what is about its parts. */
  readonly rank: number;
  /** Name of a gauge that the figure is less than, by this one: without both there is no figure. */
  readonly outOf?: string;
}

/** An exporter tells of itself too, on the page on which it tells of others: that counts least. */
const RANK = { own: 0, pod: 10, container: 20, process: 30, machine: 40, itself: 50 } as const;

const READ = ["read", "Read"];
const WRITE = ["write", "Write"];
const DISK = "disk_io_direction|direction|operation";
const NETWORK = "network_io_direction|direction";
const MODE = "cpu_mode|state|mode";
/** Nothing runs in these modes. */
const IDLE = ["idle", "iowait", "wait", "steal"];
/** Interfaces that are not the machine's, whose traffic others count again. */
const VIRTUAL = ["lo", "veth*", "docker*", "br-*", "cali*", "cni*", "flannel*", "virbr*", "tap*"];
/** Disks that are made of others. */
const STACKED = ["dm-*", "md*", "loop*", "sr*", "ram*"];

type Rest = Partial<Pick<Family, "scale" | "only" | "not" | "demand" | "outOf">> & { readonly after?: number };

/** Families of one source and rank, a line each. */
function of(
  source: string,
  rank: number,
  ...lines: readonly (readonly [Figure, Family["kind"], string, Rest?])[]
): Family[] {
  return lines.map(([figure, kind, names, { after = 0, ...rest } = {}]) => ({
    source,
    figure,
    kind,
    names: names.split(" "),
    rank: rank + after,
    ...rest,
  }));
}

const own = (kind: "usage" | "demand"): Family[] => {
  const demand = kind === "demand" ? ({ demand: true } as const) : {};
  const at = `foreshadow_${kind}`;
  return of(
    "foreshadow agent's page",
    RANK.own,
    ["cpu", "counter", `${at}_cpu_time_seconds_total`, demand],
    ["memory", "gauge", `${at}_memory_bytes`, demand],
    ["disk_read", "counter", `${at}_disk_io_bytes_total`, { ...demand, only: { [DISK]: READ } }],
    ["disk_write", "counter", `${at}_disk_io_bytes_total`, { ...demand, only: { [DISK]: WRITE } }],
    ["disk_read_operations", "counter", `${at}_disk_operations_total`, { ...demand, only: { [DISK]: READ } }],
    ["disk_write_operations", "counter", `${at}_disk_operations_total`, { ...demand, only: { [DISK]: WRITE } }],
    ["disk_used", "gauge", `${at}_disk_used_bytes`, demand],
    ["network_receive", "counter", `${at}_network_io_bytes_total`, { ...demand, only: { [NETWORK]: ["receive"] } }],
    ["network_transmit", "counter", `${at}_network_io_bytes_total`, { ...demand, only: { [NETWORK]: ["transmit"] } }],
    ["requests", "counter", `${at}_requests_total`, demand],
    ["errors", "counter", `${at}_errors_total`, demand],
  );
};

/** A container as such: not the sum of a pod or of a machine, which names none, nor a pod's pause container. */
const CONTAINER: Rest = { not: { "container|container_name|name": ["", "POD"] } };

/** A service of systemd, by its cgroup. */
const UNIT: Rest = { only: { id: ["*.service"], "container|container_name|name": [""] } };

/**
 * What of other measurers is understood. Names of OpenTelemetry are its semantic conventions'
 * (https://opentelemetry.io/docs/specs/semconv/system/) and those of the collector's receivers; Prometheus' are those of its exporters.
 */
export const FAMILIES: readonly Family[] = [
  ...own("usage"),
  ...own("demand"),
  ...of(
    "kubelet (OpenTelemetry's receiver)",
    RANK.pod,
    ["cpu", "counter", "k8s_pod_cpu_time k8s_pod_cpu_time_seconds_total"],
    ["memory", "gauge", "k8s_pod_memory_working_set k8s_pod_memory_working_set_bytes"],
    [
      "network_receive",
      "counter",
      "k8s_pod_network_io k8s_pod_network_io_bytes_total",
      { only: { [NETWORK]: ["receive"] }, not: { interface: VIRTUAL } },
    ],
    [
      "network_transmit",
      "counter",
      "k8s_pod_network_io k8s_pod_network_io_bytes_total",
      { only: { [NETWORK]: ["transmit"] }, not: { interface: VIRTUAL } },
    ],
    ["disk_used", "gauge", "k8s_pod_filesystem_usage k8s_pod_filesystem_usage_bytes"],
  ),
  ...of(
    "kubelet /metrics/resource",
    RANK.pod,
    ["cpu", "counter", "pod_cpu_usage_seconds_total"],
    ["memory", "gauge", "pod_memory_working_set_bytes"],
    ["disk_used", "gauge", "kubelet_volume_stats_used_bytes"],
  ),
  ...of(
    "cAdvisor",
    RANK.container,
    ["cpu", "counter", "container_cpu_usage_seconds_total", CONTAINER],
    ["throttled", "counter", "container_cpu_cfs_throttled_seconds_total", CONTAINER],
    ["memory", "gauge", "container_memory_working_set_bytes", CONTAINER],
    ["disk_read", "counter", "container_fs_reads_bytes_total", CONTAINER],
    ["disk_write", "counter", "container_fs_writes_bytes_total", CONTAINER],
    ["disk_read_operations", "counter", "container_fs_reads_total", CONTAINER],
    ["disk_write_operations", "counter", "container_fs_writes_total", CONTAINER],
    ["disk_used", "gauge", "container_fs_usage_bytes", CONTAINER],
    ["network_receive", "counter", "container_network_receive_bytes_total", { not: { interface: VIRTUAL } }],
    ["network_transmit", "counter", "container_network_transmit_bytes_total", { not: { interface: VIRTUAL } }],
  ),
  ...of(
    "cAdvisor, systemd services",
    RANK.container,
    ["cpu", "counter", "container_cpu_usage_seconds_total", UNIT],
    ["throttled", "counter", "container_cpu_cfs_throttled_seconds_total", UNIT],
    ["memory", "gauge", "container_memory_working_set_bytes", UNIT],
    ["disk_read", "counter", "container_fs_reads_bytes_total", UNIT],
    ["disk_write", "counter", "container_fs_writes_bytes_total", UNIT],
  ),
  ...of(
    "OpenTelemetry container",
    RANK.container,
    ["cpu", "counter", "container_cpu_time container_cpu_time_seconds_total", { after: 1 }],
    ["cpu", "counter", "container_cpu_usage_total", { scale: 1e-9, after: 2 }],
    ["memory", "gauge", "container_memory_working_set", { after: 1 }],
    [
      "memory",
      "gauge",
      "container_memory_usage container_memory_usage_total container_memory_usage_bytes",
      { ...CONTAINER, after: 2 },
    ],
    ["disk_read", "counter", "container_disk_io container_disk_io_bytes_total", { only: { [DISK]: READ }, after: 1 }],
    ["disk_write", "counter", "container_disk_io container_disk_io_bytes_total", { only: { [DISK]: WRITE }, after: 1 }],
    ["disk_read", "counter", "container_blockio_io_service_bytes_recursive", { only: { [DISK]: READ }, after: 2 }],
    ["disk_write", "counter", "container_blockio_io_service_bytes_recursive", { only: { [DISK]: WRITE }, after: 2 }],
    [
      "network_receive",
      "counter",
      "container_network_io container_network_io_bytes_total",
      { only: { [NETWORK]: ["receive"] }, after: 1 },
    ],
    [
      "network_transmit",
      "counter",
      "container_network_io container_network_io_bytes_total",
      { only: { [NETWORK]: ["transmit"] }, after: 1 },
    ],
    ["network_receive", "counter", "container_network_io_usage_rx_bytes", { after: 2 }],
    ["network_transmit", "counter", "container_network_io_usage_tx_bytes", { after: 2 }],
  ),
  ...of(
    "OpenTelemetry process",
    RANK.process,
    ["cpu", "counter", "process_cpu_time process_cpu_time_seconds_total", { not: { [MODE]: IDLE } }],
    ["memory", "gauge", "process_memory_usage process_memory_usage_bytes"],
    ["memory", "gauge", "process_memory_physical_usage", { after: 1 }],
    ["disk_read", "counter", "process_disk_io process_disk_io_bytes_total", { only: { [DISK]: READ } }],
    ["disk_write", "counter", "process_disk_io process_disk_io_bytes_total", { only: { [DISK]: WRITE } }],
    ["disk_read_operations", "counter", "process_disk_operations", { only: { [DISK]: READ } }],
    ["disk_write_operations", "counter", "process_disk_operations", { only: { [DISK]: WRITE } }],
    [
      "network_receive",
      "counter",
      "process_network_io process_network_io_bytes_total",
      { only: { [NETWORK]: ["receive"] } },
    ],
    [
      "network_transmit",
      "counter",
      "process_network_io process_network_io_bytes_total",
      { only: { [NETWORK]: ["transmit"] } },
    ],
  ),
  ...of(
    "process-exporter",
    RANK.process,
    ["cpu", "counter", "namedprocess_namegroup_cpu_seconds_total"],
    ["memory", "gauge", "namedprocess_namegroup_memory_bytes", { only: { memtype: ["resident"] } }],
    ["disk_read", "counter", "namedprocess_namegroup_read_bytes_total"],
    ["disk_write", "counter", "namedprocess_namegroup_write_bytes_total"],
  ),
  ...of(
    "Prometheus client libraries",
    RANK.itself,
    ["cpu", "counter", "process_cpu_seconds_total"],
    ["memory", "gauge", "process_resident_memory_bytes"],
  ),
  ...of(
    "node_exporter",
    RANK.machine,
    ["cpu", "counter", "node_cpu_seconds_total", { not: { [MODE]: IDLE } }],
    ["memory", "gauge", "node_memory_MemAvailable_bytes", { outOf: "node_memory_MemTotal_bytes" }],
    ["disk_read", "counter", "node_disk_read_bytes_total", { not: { device: STACKED } }],
    ["disk_write", "counter", "node_disk_written_bytes_total", { not: { device: STACKED } }],
    ["disk_read_operations", "counter", "node_disk_reads_completed_total", { not: { device: STACKED } }],
    ["disk_write_operations", "counter", "node_disk_writes_completed_total", { not: { device: STACKED } }],
    ["network_receive", "counter", "node_network_receive_bytes_total", { not: { device: VIRTUAL } }],
    ["network_transmit", "counter", "node_network_transmit_bytes_total", { not: { device: VIRTUAL } }],
  ),
  ...of(
    "OpenTelemetry system",
    RANK.machine,
    ["cpu", "counter", "system_cpu_time system_cpu_time_seconds_total", { not: { [MODE]: IDLE }, after: 1 }],
    [
      "memory",
      "gauge",
      "system_memory_usage system_memory_usage_bytes",
      { only: { "system_memory_state|state": ["used"] }, after: 1 },
    ],
    [
      "disk_read",
      "counter",
      "system_disk_io system_disk_io_bytes_total",
      { only: { [DISK]: READ }, not: { "system_device|device": STACKED }, after: 1 },
    ],
    [
      "disk_write",
      "counter",
      "system_disk_io system_disk_io_bytes_total",
      { only: { [DISK]: WRITE }, not: { "system_device|device": STACKED }, after: 1 },
    ],
    [
      "disk_read_operations",
      "counter",
      "system_disk_operations system_disk_operations_total",
      { only: { [DISK]: READ }, not: { "system_device|device": STACKED }, after: 1 },
    ],
    [
      "disk_write_operations",
      "counter",
      "system_disk_operations system_disk_operations_total",
      { only: { [DISK]: WRITE }, not: { "system_device|device": STACKED }, after: 1 },
    ],
    [
      "network_receive",
      "counter",
      "system_network_io system_network_io_bytes_total",
      { only: { [NETWORK]: ["receive"] }, not: { "network_interface_name|device": VIRTUAL }, after: 1 },
    ],
    [
      "network_transmit",
      "counter",
      "system_network_io system_network_io_bytes_total",
      { only: { [NETWORK]: ["transmit"] }, not: { "network_interface_name|device": VIRTUAL }, after: 1 },
    ],
  ),
  ...of(
    "HTTP servers",
    RANK.process,
    ["requests", "counter", "http_server_request_duration http_server_request_duration_seconds_count"],
    [
      "errors",
      "counter",
      "http_server_request_duration http_server_request_duration_seconds_count",
      { only: { http_response_status_code: ["5*"] } },
    ],
    ["requests", "counter", "http_requests_total", { after: 1 }],
    ["errors", "counter", "http_requests_total", { only: { "code|status|status_code": ["5*"] }, after: 1 }],
    ["concurrency", "gauge", "http_server_active_requests"],
  ),
];

/** Families by the names that they come under, the other half of a difference among them. */
export const FAMILIES_BY_NAME: ReadonlyMap<string, readonly Family[]> = byName();

function byName(): Map<string, Family[]> {
  const found = new Map<string, Family[]>();
  for (const family of FAMILIES)
    for (const name of [...family.names, ...(family.outOf === undefined ? [] : [family.outOf])])
      found.set(name, [...(found.get(name) ?? []), family]);
  return found;
}
