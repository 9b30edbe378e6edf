import type { Capacity, PlanStep } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Envelope } from "../../model/envelope.ts";
import type { ForecastParts } from "../../model/forecast-parts.ts";
import type { Mode } from "../../model/project.ts";
import type { Reason } from "../../model/reason.ts";
import type { Alert } from "../feedback/alert.ts";
import type { Quarantine } from "../feedback/quarantine.ts";
import type { ReportView } from "../feedback/report.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import type { EventFilter } from "./event-filter.ts";

/** One series of a workload at the last tick. Numbers that are not known are `null`, so that JSON carries them. */
export interface SeriesView {
  readonly usage: number | null;
  readonly demand: number | null;
  /** The middle forecast and the deciding quantile at the lead time. */
  readonly forecast: number | null;
  readonly upper: number | null;
  /** What the present capacity can carry at the utilisation target. */
  readonly capacity: number | null;
  readonly model: string | null;
  readonly trusted: boolean;
  /** Where it is trusted at some horizons only: those, in seconds ahead. */
  readonly trustedAt?: readonly number[];
  readonly evidence: string;
  /** Why the dimension is not measured, where it is not. */
  readonly missing?: string;
}

export interface WorkloadView {
  readonly name: string;
  readonly mode: Mode;
  /** End of the last evaluated tick, epoch seconds. */
  readonly at: number | null;
  readonly asked: number;
  readonly ready: number;
  readonly reporting: number;
  readonly need: number;
  readonly target: number;
  readonly series: Partial<Record<SeriesName, SeriesView>>;
  readonly reasons: readonly Reason[];
  readonly short?: string;
  readonly changeset?: string;
  readonly frozen?: Freeze;
  readonly pin?: Pin;
}

export interface StatusView {
  readonly engine: {
    readonly pid: number;
    readonly version: string;
    readonly startedAt: number;
    readonly lastTick: number | null;
    readonly running: boolean;
  };
  readonly ledger: { readonly sequence: number; readonly hash: string };
  readonly workloads: readonly WorkloadView[];
  readonly alerts: readonly string[];
}

export interface ForecastView {
  readonly workload: string;
  readonly step: number;
  /** Planned events within the horizon, soonest first. */
  readonly events: readonly EventView[];
  /** What of the past was loaded and not measured; measurements count before it. */
  readonly loaded: readonly LoadedSpan[];
  /** What a unit of load costs of each series, where that is known well enough to rely on. */
  readonly load: readonly LoadCostView[];
  readonly series: Partial<Record<SeriesName, SeriesForecastView>>;
}

export interface LoadCostView {
  readonly series: SeriesName;
  readonly signal: string;
  /** Of the series, per unit of load and per replica; `perReplicaLow` is what decisions rely on. */
  readonly perLoad: number;
  readonly perReplica: number;
  readonly perReplicaLow: number;
  /** False where replicas and load have moved together, so that the two parts cannot be told apart. */
  readonly identified: boolean;
  readonly samples: number;
  /** Mean |error| over mean demand. */
  readonly error: number;
  /** The last change at once, as a release makes it. */
  readonly change?: { readonly ticksAgo: number; readonly factor: number };
}

export interface EventView {
  readonly name: string;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** What it multiplies each series by; `null` where that is not known yet. */
  readonly series: Partial<
    Record<
      SeriesName,
      {
        readonly factor: number | null;
        readonly upper: number;
        readonly source: "stated" | "learnt" | "coming" | "unknown";
        readonly occurrences: number;
      }
    >
  >;
}

export interface SeriesForecastView {
  readonly issuedAt: number;
  readonly model: string;
  readonly fallbackFrom?: string;
  readonly trusted: boolean;
  readonly evidence: string;
  readonly samples: number;
  readonly skill: number | null;
  readonly coverage: Readonly<Record<string, number>>;
  /** What is known of how good it is at each horizon that decisions look at, nearest first: it acts only where it is trusted. */
  readonly horizons: readonly HorizonTrustView[];
  /** Demand of the recent past, oldest first, and what was used; `null` is a gap. */
  readonly history: readonly (number | null)[];
  readonly usage: readonly (number | null)[];
  readonly points: readonly {
    readonly at: number;
    readonly point: number;
    readonly quantiles: Readonly<Record<string, number>>;
    readonly parts: ForecastParts;
  }[];
}

export interface HorizonTrustView {
  /** Seconds ahead. */
  readonly ahead: number;
  readonly trusted: boolean;
  /** Why, or why not. */
  readonly evidence: string;
  readonly samples: number;
  readonly skill: number | null;
  /** By quantile, of those that decisions act on. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Epoch seconds since when `trusted` is what it is. */
  readonly since: number;
}

export interface PlanView {
  readonly workload: string;
  readonly capacity: Capacity;
  /** The steps in force and those that the present forecast would give. */
  readonly inForce: readonly PlanStep[];
  readonly proposed: readonly PlanStep[];
  readonly reasons: readonly Reason[];
}

/** A span of time that a person keeps out of what is learnt. Epoch seconds. */
export interface QuarantineMark {
  readonly workload: string;
  readonly from: number;
  readonly to?: number;
  readonly reason: string;
  readonly by: string;
}

export interface ReportSpan {
  readonly workload?: string;
  readonly from: number;
  readonly to: number;
}

/** A past that is to be loaded. Epoch seconds. */
export interface BackfillRequest {
  /** All without one. */
  readonly workloads: readonly string[];
  /** By default what forecasts learn from, up to now. */
  readonly from?: number;
  readonly to?: number;
  readonly by: string;
}

/** How the loading of a past goes. */
export interface BackfillView {
  readonly id: string;
  readonly state: "reading" | "learning" | "done" | "failed";
  /** What the store marks with that was loaded. */
  readonly origin: string;
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly by: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The share that is read, 0 to 1. */
  readonly read: number;
  readonly error?: string;
  readonly workloads: readonly {
    readonly workload: string;
    /** Ticks of each series of which something was recorded. */
    readonly ticks: Partial<Record<SeriesName, number>>;
    /** Seconds between two samples. */
    readonly interval: number | null;
    /** Series whose forecasts have learnt it. */
    readonly learnt: readonly SeriesName[];
  }[];
}

/** A part of a workload's past that was loaded, and not measured. Epoch seconds; `at`: when it was loaded. */
export interface LoadedSpan {
  readonly origin: string;
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** An envelope that waits for a person. */
export interface EnvelopeProposal {
  /** `envelope-STACK`. */
  readonly id: string;
  readonly stack: string;
  /** The file, and what it would say. */
  readonly path: string;
  readonly text: string;
  /** The workloads whose envelopes it changes. */
  readonly workloads: readonly string[];
  readonly commit: string;
  /** Epoch seconds. */
  readonly at: number;
  /** What it changes, workload by workload. */
  readonly changes: readonly EnvelopeChange[];
}

/** One workload's envelope as it is and as it is proposed. */
export interface EnvelopeChange {
  readonly workload: string;
  /** Absent where there is none yet. */
  readonly before?: Envelope;
  readonly after: Envelope;
}

/** What a follower of the engine hears. */
export type EngineEvent =
  | { readonly type: "tick"; readonly workload: WorkloadView }
  | { readonly type: "changeset"; readonly changeset: Changeset; readonly text: string }
  /** Something that a person should look at, or that it is over. */
  | { readonly type: "alert"; readonly workload?: string; readonly text: string; readonly at: number }
  /** Something that has happened and wants nobody. */
  | { readonly type: "note"; readonly workload?: string; readonly text: string; readonly at: number };

/**
 * What a person can ask of the engine and tell it. Implemented by the engine itself and by the client of its socket, so that
 * a command does not know which of the two it talks to.
 */
export interface EngineControl {
  status(): Promise<StatusView>;
  forecast(workload: string): Promise<ForecastView>;
  plan(workload: string): Promise<PlanView>;
  changesets(workload?: string): Promise<readonly Changeset[]>;
  changeset(id: string): Promise<Changeset>;
  approve(id: string, by: string): Promise<Changeset>;
  reject(id: string, by: string): Promise<Changeset>;
  /** Carries on with a changeset that is approved or was merged, and does not wait for the next tick. */
  apply(id: string): Promise<Changeset>;
  /** Envelopes that wait. */
  envelopes(): Promise<readonly EnvelopeProposal[]>;
  approveEnvelope(id: string, by: string): Promise<EnvelopeProposal>;
  rejectEnvelope(id: string, by: string): Promise<EnvelopeProposal>;
  /** Proposes the reverse and carries it out as far as the mode allows. */
  rollback(id: string, by: string): Promise<Changeset>;
  freeze(freeze: Omit<Freeze, "since">): Promise<void>;
  pin(pin: Pin): Promise<void>;
  /** Removes freeze and pin of a workload; `*` for those on all. */
  unfreeze(workload: string, by: string): Promise<void>;
  /** Open alerts of feedback, then those that are over, the newest first. */
  alerts(): Promise<readonly Alert[]>;
  /** Spans of time that nothing is learnt from, the newest first. */
  quarantines(workload?: string): Promise<readonly Quarantine[]>;
  /** Keeps a span of time out of what is learnt; without `to`, until it is undone. */
  quarantine(mark: QuarantineMark): Promise<Quarantine>;
  /** Takes a quarantine back: what was measured is learnt after all. */
  undoQuarantine(id: string, by: string): Promise<Quarantine>;
  /** Begins to load a past, which goes on beside the ticks. @throws Refused where that cannot be, or not now */
  backfill(request: BackfillRequest): Promise<BackfillView>;
  /** Those since the engine began, the newest first. */
  backfills(): Promise<readonly BackfillView[]>;
  /** What actions came to, beside what else could have been done. Epoch seconds; without a workload, of all. */
  report(span: ReportSpan): Promise<ReportView>;
  /** Calls the listener from now on with what the filter lets through; ends when the signal is aborted. */
  follow(listener: (event: EngineEvent) => void, signal: AbortSignal, filter?: EventFilter): Promise<void>;
}

/** Nothing is known under the name or identifier. */
export class NotFound extends Error {
  override readonly name = "NotFound";
}

/** The request was understood and refused: the state does not allow it. */
export class Refused extends Error {
  override readonly name = "Refused";
}
