import type { Catalogue } from "../../model/catalogue.ts";
import type { Constraints } from "../../model/constraints.ts";
import type { Project } from "../../model/project.ts";
import type { Past } from "../backfill/past.port.ts";
import type { Clock } from "../clock.port.ts";
import type { AlertSink } from "../feedback/alert-sink.port.ts";
import type { QuarantineStore } from "../feedback/quarantine-store.port.ts";
import type { PlannedEvents } from "../forecast/events/planned-events.port.ts";
import type { ForecasterFactory } from "../forecast/forecast.port.ts";
import type { ForecastHost } from "../forecast/forecast-host.port.ts";
import type { CapacityBranch } from "../orchestrator/change/capacity-branch.port.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";
import type { TargetStatusPort } from "../orchestrator/target-status.port.ts";
import type { LatestSignals } from "../usage/latest-signals.ts";
import type { UsageStore } from "../usage/usage-store.port.ts";
import type { ChangeControl } from "./change-control.port.ts";
import type { DecisionTrace } from "./decision-trace.port.ts";
import type { CapacityParser } from "./desired-capacity.ts";
import type { LeadTimes } from "./lead-times.ts";
import type { ProcessFigures } from "./process-figures.port.ts";

/** What an engine is put together from. */
export interface EngineParts {
  readonly project: Project;
  readonly constraints: ReadonlyMap<string, Constraints>;
  /** Of the workloads that have one: what their replicas may be. */
  readonly catalogues?: ReadonlyMap<string, Catalogue>;
  readonly control: ControlStore & QuarantineStore;
  readonly usage: UsageStore;
  readonly review: Pick<ReviewHost, "head" | "read" | "anchor" | "proposals" | "forget" | "propose" | "push">;
  /** On the engine's own thread unless given. */
  readonly parseCapacity?: CapacityParser;
  readonly change: ChangeControl;
  /** Where plans that needed no approval are published; nowhere without it. */
  readonly capacityBranch?: CapacityBranch;
  readonly status: TargetStatusPort;
  /** Whether this engine may act; without it, always. One that may not goes on to observe and forecast. */
  holds?(): boolean;
  readonly leadTimes: LeadTimes;
  readonly createForecaster: ForecasterFactory;
  /** Whose forecasters `createForecaster` makes, where they share their work. */
  readonly host?: Pick<ForecastHost, "advance" | "fallbacks" | "figures">;
  /** Without it nothing is planned. */
  readonly events?: PlannedEvents;
  /** Keeps the state of the forecasts now; without it, nothing keeps it. */
  readonly keepForecasts?: () => Promise<void>;
  /** Where a past can be loaded from; nowhere without it. */
  readonly past?: Past;
  /** Signals that workloads tell of themselves. */
  readonly signals?: LatestSignals;
  /** Where alerts of feedback go besides the engine's own stream. */
  readonly alertSink?: AlertSink;
  /** What `/metrics` tells of the process besides. */
  readonly process?: ProcessFigures;
  /** Followed by it, decisions that act are told step by step. */
  readonly trace?: DecisionTrace;
  readonly clock: Clock;
  readonly version: string;
}
