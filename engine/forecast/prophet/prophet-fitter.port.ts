import type { PlannedEvent } from "../../../model/planned-event.ts";
import type { Fitter } from "../fitting/fitter.port.ts";
import type { ProphetParameters } from "./prophet-fit.ts";
import type { TimeGrid } from "./prophet-layout.ts";

export interface ProphetRequest {
  readonly grid: TimeGrid;
  /** One a grid instant, NaN for a gap. */
  readonly values: Float64Array;
  /** The calendar over the grid. */
  readonly events: readonly PlannedEvent[];
}

/** Fits curves to series, away from the thread that forecasts. */
export type ProphetFitter = Fitter<ProphetRequest, ProphetParameters>;
