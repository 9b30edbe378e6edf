import type { Dimension, SeriesName } from "./dimension.ts";

/**
 * Why a capacity is what it is, one step of the reasoning each, in the order in which the steps were taken.
 * Programs read `kind` and the fields; people read `text`.
 */
export interface Reason {
  readonly kind: /** Present demand asks for this much. */
    | "demand"
    /** The forecast asks for this much ahead of time. */
    | "forecast"
    /** The forecast is not trusted and counts for nothing. */
    | "untrusted"
    /** Within the threshold: nothing changes. */
    | "threshold"
    /** A person's pin, freeze or bound decided. */
    | "pin"
    | "freeze"
    | "bounds"
    | "one-way"
    | "availability"
    | "budget"
    | "step"
    | "window"
    | "cooldown"
    | "hold"
    /** Telemetry is missing, stale or absurd, or too few replicas report: no scale-in. Or some replicas do not report. */
    | "telemetry"
    | "incident"
    /** What was wanted was not granted in full. */
    | "short"
    | "release"
    /** A planned event lifts a forecast. */
    | "event"
    /** What load costs, and that it changed. */
    | "load"
    /** Who of the workload uses most of what grows: a program, its threads. */
    | "driver"
    /** The past is too short for a forecast of its own. */
    | "cold-start"
    /** A service level is missed: more than present demand asks for is needed. */
    | "slo"
    /** Another instance type serves the demand at less cost, or serves what the present one cannot. */
    | "choice"
    | "plan"
    | "unchanged";
  readonly text: string;
  readonly series?: SeriesName;
  readonly dimension?: Dimension;
  /** What was wanted before this step, and what it left. */
  readonly from?: number;
  readonly to?: number;
  /** Lower and upper quantile of the forecast that the step rests on. */
  readonly interval?: readonly [number, number];
}
