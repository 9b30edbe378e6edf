import type { AlertEvent } from "./alert.ts";

/** Where alerts go besides the engine's own stream. */
export interface AlertSink {
  /** Takes what has happened to alerts. Returns at once, and never throws. */
  notify(events: readonly AlertEvent[]): void;
  readonly figures: SinkFigures;
}

/** What became of messages since the start. */
export interface SinkFigures {
  readonly delivered: number;
  readonly failed: number;
  readonly dropped: number;
  readonly waiting: number;
}
