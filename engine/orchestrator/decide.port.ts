import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Mode } from "../../model/project.ts";
import type { Reason } from "../../model/reason.ts";
import type { Forecast } from "../forecast/forecast.port.ts";

/**
 * What `decide` takes and gives. Everything is plain data: `encodeDecideInput` writes it as JSON and the same JSON gives the
 * same decision, byte for byte. Times are epoch seconds, durations seconds, prices USD per hour.
 */
export interface DecideInput {
  readonly workload: string;
  readonly now: number;
  /** Seconds a tick of the engine. */
  readonly step: number;
  readonly mode: Mode;
  /** By series; a series without a forecast lives on present demand alone. */
  readonly forecasts: Partial<Record<SeriesName, Forecast>>;
  /** Demand of the workload as a whole in the last tick, replicas in warm-up left out. What was not measured is absent. */
  readonly demand: Partial<Record<SeriesName, PresentDemand>>;
  /** Series that no source of this workload can measure: they count for nothing, and their absence is no fault. */
  readonly unmeasured?: readonly SeriesName[];
  /** What those who put this together have to say of it, such as the events that a forecast was lifted by. Comes first in the reasons. */
  readonly notes?: readonly Reason[];
  /**
   * The part of demand that each replica has whatever the load. Absent means unknown: then all of `memory` counts as such a part
   * (a replica more would not lower it), and none of the others.
   */
  readonly fixedPerReplica?: Partial<Record<SeriesName, number>>;
  readonly health: Health;
  /** A signal that the constraints limit, as it was last told. */
  readonly slo?: SloSignal;
  /** What the capacity file asks for. */
  readonly capacity: Capacity;
  /** Replicas that serve. */
  readonly ready: number;
  /** What was asked for and does not serve yet. */
  readonly pending: readonly PendingCapacity[];
  /** Newest or oldest first, either will do; those of the last week are enough. */
  readonly lastActions: readonly PastAction[];
  readonly leadTime: { readonly out: LeadTime; readonly in: LeadTime; readonly vertical: LeadTime };
  readonly constraints: Constraints;
  readonly holds: Holds;
  /** Instance types, or container sizes, that the workload's replicas may be (`catalogue/types-for.ts`). */
  readonly catalogue?: Readonly<Record<string, InstanceType>>;
  /** USD an hour of one replica, where it is known otherwise than by constraints or catalogue. */
  readonly pricePerReplica?: number;
  /** What the disks that the capacity file's `storage` describes cost, where it is known. */
  readonly diskPrice?: DiskPrice;
  /** What the last decision on this workload remembered. */
  readonly memory?: DecisionMemory;
  /** Present when a plan is wanted beside the count. Always made with `owns: floor`. */
  readonly plan?: PlanOptions;
}

export interface PresentDemand {
  readonly value: number;
  /** Epoch seconds of the end of the interval it was measured over. */
  readonly at: number;
  /** A limit was reached: demand is at least the value. */
  readonly censored: boolean;
  /** Units a second by which it has grown of late, of what only fills up: storage. */
  readonly fills?: number;
}

export interface Health {
  /** Replicas that the provider knows, and those among them that report. */
  readonly known: number;
  readonly reporting: number;
  /** Replicas in warm-up; they need not report. */
  readonly warming: number;
  /** The telemetry as a whole is older than it should be. */
  readonly stale: boolean;
  /** What is wrong with the workload, when something is: a traffic collapse with errors, an error storm. */
  readonly incident?: string;
}

/** A signal of the workload and what it may not exceed, in the signal's own unit. */
export interface SloSignal {
  readonly signal: string;
  readonly value: number;
  readonly below: number;
}

export interface PendingCapacity {
  readonly replicas: number;
  readonly since: number;
  readonly kind: "out" | "vertical";
}

export interface PastAction {
  readonly at: number;
  readonly direction: "in" | "out" | "up" | "down" | "plan" | "type";
  /** With `up` and `down`: CPU per replica before and after, where that is what changed. */
  readonly cpu?: { readonly from: number; readonly to: number };
}

/** Seconds from decision to ready capacity, measured. */
export interface LeadTime {
  readonly p95: number;
  readonly p99: number;
}

export interface Holds {
  readonly freeze?: { readonly all: boolean; readonly reason?: string };
  readonly pins: readonly Pin[];
}

export interface Pin {
  readonly min?: number;
  readonly max?: number;
  /** It ends then by itself. */
  readonly until: number;
}

export interface InstanceType {
  readonly cpu: number;
  readonly memory: number;
  readonly pricePerHour: number;
  /** What one machine moves at most: bytes a second to its disks, operations a second, bytes a second over its network. */
  readonly disk?: number;
  readonly iops?: number;
  readonly network?: number;
  /** A container size: the capacity file gives its CPU and memory, and no name. */
  readonly container?: true;
}

/** USD an hour of a disk: a GiB, an operation a second and a MiB a second above what is included (operations, bytes a second). */
export interface DiskPrice {
  readonly gib: number;
  readonly iops: { readonly included: number; readonly price: number };
  readonly throughput: { readonly included: number; readonly price: number };
}

/** What a decision leaves to the next. */
export interface DecisionMemory {
  /** Recent answers to "how far could we release", newest last, greater ones only: without a forecast a release looks back over them. */
  readonly releases: readonly { readonly at: number; readonly replicas: number }[];
  /** With `owns: floor`: how much laxer than at first the floors may be (`plan-calibration.ts`). */
  readonly laxity?: number;
  /** Types that did not come when they were asked for. */
  readonly unavailable?: readonly UnavailableType[];
}

/** A type that is not chosen for a while. */
export interface UnavailableType {
  readonly type: string;
  /** Epoch seconds. */
  readonly until: number;
}

export interface PlanOptions {
  /** Seconds ahead, a slot of the plan, and between two publications. */
  readonly horizon: number;
  readonly granularity: number;
  readonly interval: number;
  /** As many steps as the target allows. */
  readonly maxSteps: number;
  /** Slots that a step lasts at least. */
  readonly minSlots?: number;
}

export interface Decision {
  /** What the file should ask for. Equal to the input's capacity when nothing is to change. */
  readonly capacity: Capacity;
  readonly changed: boolean;
  /** The part of `capacity` that needs no review: fields that do are as they were. */
  readonly automatic: Capacity;
  /** Some change needs a person: vertical changes under `vertical: review`, irreversible ones under `irreversible: approve`. */
  readonly needsReview: boolean;
  readonly reasons: readonly Reason[];
  /** What was wanted and not granted in full. */
  readonly short?: Short;
  /** Replicas that were asked for and have not come by lead time p99, and the type that they are of, where it is known. */
  readonly late?: { readonly replicas: number; readonly type?: string };
  readonly needs: Partial<Record<SeriesName, SeriesNeed>>;
  readonly wants: Wants;
  /** USD an hour of all replicas and of the disks that are proposed, at quantiles of what will be needed, where the price is known. */
  readonly price?: { readonly p10: number; readonly p50: number; readonly p90: number; readonly asked: number };
  readonly memory: DecisionMemory;
}

/** Need of one series, in replicas where it scales out and in the unit of its capacity where it scales up. NaN never occurs: unknown is absent. */
export interface SeriesNeed {
  readonly unit: "replicas" | "size";
  readonly present?: number;
  /** At the quantile, when capacity asked for now would come. */
  readonly ahead?: number;
}

/** Replicas before any constraint. */
export interface Wants {
  /** What present demand needs. */
  readonly present: number;
  /** What the forecast needs at the moment that capacity asked for now comes, and over the hold after it. */
  readonly trigger: number;
  readonly grow: number;
  /** The least that may be released to. */
  readonly release: number;
}

export interface Short {
  readonly wanted: number;
  readonly granted: number;
  /** The constraint that cut it. */
  readonly by: Reason["kind"];
  /** Even present demand is not served in full. */
  readonly rescue: boolean;
}
