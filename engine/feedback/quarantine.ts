/** Why demand of a span of time is kept out of what is learnt. */
export type QuarantineKind = "traffic collapse" | "telemetry loss" | "error storm" | "deploy" | "marked";

/** A span of time whose measurements say nothing of what demand will be: while it lasts nothing is released either. */
export interface Quarantine {
  readonly id: string;
  readonly workload: string;
  readonly kind: QuarantineKind;
  /** Epoch seconds; without `to` it still lasts. */
  readonly from: number;
  readonly to?: number;
  readonly reason: string;
  /** `engine`, `project` or a person. */
  readonly by: string;
  /** Taken back: what was measured counts again. */
  readonly undone?: { readonly at: number; readonly by: string };
}

/** Whether something of the tick lies in the quarantine. Epoch seconds. */
export function covers({ from, to, undone }: Quarantine, tickBegins: number, tickEnds: number): boolean {
  return undone === undefined && tickEnds > from && tickBegins < (to ?? Number.POSITIVE_INFINITY);
}

/** The quarantine that a workload is in at an instant. */
export function inForce(quarantines: readonly Quarantine[], at: number): Quarantine | undefined {
  return quarantines.find(({ from, to, undone }) => undone === undefined && from <= at && at <= (to ?? at));
}
