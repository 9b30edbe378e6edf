import type { StoreErrorKind } from "./store-error.ts";
import type { Backfill, UsageQuery, UsageRecord } from "./usage-database.ts";
import type { Level } from "./usage-schema.ts";

/** What the worker is started with. */
export interface UsageWorkerData {
  readonly path: string;
  readonly levels: readonly Level[];
  readonly now: number;
}

/** What the store asks of its worker; each request is answered once, in the order in which they came. */
export type UsageRequest = { readonly id: number; readonly now: number } & (
  | { readonly kind: "append"; readonly records: readonly UsageRecord[] }
  | { readonly kind: "backfill"; readonly data: Backfill }
  | { readonly kind: "query"; readonly query: UsageQuery }
  | { readonly kind: "close" }
);

export type UsageAnswer =
  | { readonly kind: "done"; readonly id: number; readonly refused?: number; readonly values?: Float64Array }
  | { readonly kind: "failed"; readonly id: number; readonly error: UsageFailure }
  /** Something that a person should know; answers no request. */
  | { readonly kind: "notice"; readonly text: string };

/** An error on its way between threads, which would lose its class. */
export interface UsageFailure {
  readonly message: string;
  readonly store?: { readonly kind: StoreErrorKind; readonly file: string };
}
