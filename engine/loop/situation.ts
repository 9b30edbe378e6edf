import { type Capacity, replicasAt } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { DIMENSION_OF, type Metric, SERIES, type SeriesName, seriesValue } from "../../model/dimension.ts";
import type { Project, Workload } from "../../model/project.ts";
import type { Reason } from "../../model/reason.ts";
import type { UsageVector } from "../../model/vector.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import type {
  DecideInput,
  DecisionMemory,
  DiskPrice,
  InstanceType,
  LeadTime,
  PastAction,
  PendingCapacity,
  SloSignal,
} from "../orchestrator/decide.port.ts";
import { finite, MOST_REPLICAS } from "../orchestrator/finite.ts";
import type { TargetStatus } from "../orchestrator/target-status.port.ts";
import { unitCapacity } from "./governed-series.ts";

/** Everything that is known about one workload at the end of a tick. */
export interface Situation {
  /** End of the tick. */
  readonly at: number;
  readonly project: Project;
  readonly workload: Workload;
  readonly constraints: Constraints;
  readonly capacity: Capacity;
  /** What replicas may be, where the workload has a catalogue. */
  readonly types?: Readonly<Record<string, InstanceType>>;
  /** What a disk costs, where the catalogue tells. */
  readonly diskPrice?: DiskPrice;
  readonly series: readonly SeriesName[];
  readonly forecasts: Partial<Record<SeriesName, Forecast>>;
  /** What is to be said of the forecasts. */
  readonly notes: readonly Reason[];
  /** The part of demand per replica, where it was learnt. */
  readonly fixedPerReplica: Partial<Record<SeriesName, number>>;
  /** The signal that the constraints limit, where it was told lately. */
  readonly slo?: SloSignal;
  /** Demand of the last tick; NaN where nothing was measured. */
  readonly demand: ReadonlyMap<SeriesName, number>;
  /** Bytes a second by which used storage has grown of late. */
  readonly fills: number;
  readonly vectors: readonly UsageVector[];
  readonly status: TargetStatus | undefined;
  readonly pending: readonly PendingCapacity[];
  readonly freezes: readonly Freeze[];
  readonly pins: readonly Pin[];
  readonly lastActions: readonly PastAction[];
  readonly leadTime: { readonly out: LeadTime; readonly in: LeadTime; readonly vertical: LeadTime };
  readonly memory: DecisionMemory | undefined;
  /** What is wrong with the workload, when something is: nothing is released meanwhile. */
  readonly incident?: string;
}

/** Ticks without a sample after which the telemetry as a whole counts as stale. */
const STALE_TICKS = 3;

/** Share of a limit from which on demand counts as held back by it: shapers let through a little less than they are set to. */
const AT_LIMIT = 0.93;

/** What `decide` is to decide on. */
export function decideInput(situation: Situation): DecideInput {
  const { at, project, workload, constraints, capacity, vectors, status } = situation;
  const reporting = reportingReplicas(vectors);
  const newest = Math.max(Number.NEGATIVE_INFINITY, ...vectors.map((vector) => vector.at));
  const censored = new Set(vectors.flatMap((vector) => vector.censored));
  const demand: { [name in SeriesName]?: { value: number; at: number; censored: boolean; fills?: number } } = {};
  for (const name of situation.series) {
    const value = situation.demand.get(name);
    if (value !== undefined && !Number.isNaN(value))
      demand[name] = {
        value,
        at,
        censored: isCensored(name, censored) || isAtLimit(name, value, situation),
        ...(name === "storage" && situation.fills > 0 ? { fills: situation.fills } : {}),
      };
  }
  const freeze = situation.freezes.find((hold) => hold.workload === workload.name || hold.workload === "*");
  return {
    workload: workload.name,
    now: at,
    step: project.step,
    mode: workload.mode,
    forecasts: situation.forecasts,
    demand,
    ...(situation.notes.length === 0 ? {} : { notes: situation.notes }),
    ...(Object.keys(situation.fixedPerReplica).length === 0 ? {} : { fixedPerReplica: situation.fixedPerReplica }),
    ...(situation.slo === undefined ? {} : { slo: situation.slo }),
    unmeasured: unmeasured(situation.series, vectors),
    health: {
      known: status === undefined ? replicasAt(capacity, at) : status.ready + status.warming,
      reporting,
      warming: status?.warming ?? 0,
      stale: at - newest > STALE_TICKS * project.step,
      ...(situation.incident === undefined ? {} : { incident: situation.incident }),
    },
    capacity,
    ready: readyReplicas(situation),
    pending: situation.pending,
    lastActions: situation.lastActions,
    leadTime: situation.leadTime,
    constraints,
    holds: {
      ...(freeze === undefined ? {} : { freeze: { all: freeze.all, reason: freeze.reason } }),
      pins: situation.pins.filter((pin) => pin.workload === workload.name || pin.workload === "*"),
    },
    ...(situation.types === undefined ? {} : { catalogue: situation.types }),
    ...(situation.diskPrice === undefined ? {} : { diskPrice: situation.diskPrice }),
    memory: situation.memory,
    plan: {
      horizon: Math.min(constraints.forecast.horizon, project.season),
      granularity: project.plan.granularity,
      interval: project.plan.every,
      maxSteps: project.plan.steps,
    },
  };
}

/** Replicas that report. A number that is none counts for nothing. */
export function reportingReplicas(vectors: readonly UsageVector[]): number {
  return vectors.reduce((sum, { replicas }) => sum + finite(replicas, 0, 0, MOST_REPLICAS), 0);
}

/** Replicas that serve: as the target says, else those that report. */
export function readyReplicas({
  status,
  vectors,
  capacity,
  at,
}: Pick<Situation, "status" | "vectors" | "capacity" | "at">): number {
  if (status !== undefined) return status.ready;
  return vectors.length === 0 ? replicasAt(capacity, at) : reportingReplicas(vectors);
}

function isCensored(name: SeriesName, censored: ReadonlySet<Metric>): boolean {
  const metrics: Partial<Record<SeriesName, readonly Metric[]>> = {
    disk: ["disk_read", "disk_write"],
    network: ["network_receive", "network_transmit"],
    cpu: ["cpu"],
    memory: ["memory"],
  };
  return (metrics[name] ?? []).some((metric) => censored.has(metric));
}

/** Disk and network are held at their limit: what is asked for beyond it cannot be seen. */
function isAtLimit(name: SeriesName, value: number, { capacity, constraints }: Situation): boolean {
  if ((name !== "disk" && name !== "network") || constraints.scales[DIMENSION_OF[name]] !== "up") return false;
  const limit = unitCapacity(capacity)[name];
  return limit !== undefined && value >= AT_LIMIT * limit;
}

/** Series of which every reporting host says that it cannot measure them. */
function unmeasured(series: readonly SeriesName[], vectors: readonly UsageVector[]): SeriesName[] {
  // What a server says of requests alone is no host that measures.
  const hosts = vectors.filter(({ replicas, missing }) => replicas > 0 || missing.length > 0);
  if (hosts.length === 0) return [];
  return series.filter((name) =>
    hosts.every(
      (vector) =>
        Number.isNaN(seriesValue(name, vector.demand)) &&
        vector.missing.some(({ metric }) => metricsOf(name).includes(metric)),
    ),
  );
}

/** The metrics that a series is made of: those whose presence alone gives it a value. */
function metricsOf(name: SeriesName): Metric[] {
  const all: Metric[] = [
    "cpu",
    "memory",
    "disk_read",
    "disk_write",
    "disk_used",
    "network_receive",
    "network_transmit",
    "requests",
  ];
  return all.filter((metric) => SERIES.includes(name) && !Number.isNaN(seriesValue(name, { [metric]: 1 })));
}
