import type { Forecast, ForecasterOptions } from "../forecast.port.ts";
import type { GlobalModel } from "../lstm/global-model.port.ts";

/** What the thread of the ensembles is asked. Members are numbered by who asks. */
export type EnsembleRequest =
  | { readonly kind: "open"; readonly member: number; readonly options: ForecasterOptions; readonly state?: string }
  /** `answer`: the forecast after the last value is wanted. */
  | { readonly kind: "feed"; readonly member: number; readonly values: Float64Array; readonly answer: boolean }
  /** The global model has been replaced, or why there is none. */
  | { readonly kind: "model"; readonly current: GlobalModel | undefined; readonly absence: string }
  | { readonly kind: "drop"; readonly member: number }
  | { readonly kind: "reweigh"; readonly member: number }
  | { readonly kind: "save"; readonly id: number };

export type EnsembleAnswer =
  /** `ticks`: how many the member has taken. */
  | { readonly kind: "forecast"; readonly member: number; readonly ticks: number; readonly forecast: Forecast }
  /** A state that does not fit. */
  | { readonly kind: "refused"; readonly member: number; readonly message: string }
  | {
      readonly kind: "saved";
      readonly id: number;
      readonly states: readonly (readonly [member: number, state: string])[];
    };
