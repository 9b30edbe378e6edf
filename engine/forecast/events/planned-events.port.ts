import type { PlannedEvent } from "../../../model/planned-event.ts";

/** The planned events of a workload that overlap [from, to), in epoch seconds. */
export type EventsBetween = (from: number, to: number) => readonly PlannedEvent[];

/** Where planned events come from. */
export interface PlannedEvents {
  /** Looks whether calendars have changed; called once a tick. */
  refresh(): void;
  /** The events that concern a workload; `undefined` where none ever can. */
  of(workload: string): EventsBetween | undefined;
}
