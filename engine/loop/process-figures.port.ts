import type { HistogramFigures } from "../../model/histogram.ts";
import type { SinkFigures } from "../feedback/alert-sink.port.ts";

/** What only the engine's process and its files tell of an engine. */
export interface ProcessFigures {
  /** Seconds that timers of the event loop came late. */
  lag(): HistogramFigures;
  /** Bytes of the store by part. */
  store(): Readonly<Record<string, number>>;
  /** Usage vectors since the start that were not kept: none could be written in time, or they made no sense. */
  usage(): { readonly dropped: number; readonly refused: number };
  /** What became of spans of traces, where there are any. */
  spans?(): SinkFigures;
}
