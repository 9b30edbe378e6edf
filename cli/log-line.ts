import type { EngineEvent } from "../engine/api/engine-control.port.ts";
import { traceIdOf } from "../engine/tracing/trace-ids.ts";
import { formatInstant } from "../model/instant.ts";

/** A line of the engine's log. */
export interface LogRecord {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly workload?: string;
  readonly changeset?: string;
  readonly state?: string;
  readonly trace_id?: string;
}

/**
 * What an event says in a log, where changes and alerts belong and ticks do not.
 *
 * @param traced whether decisions are traced: then a changeset's lines name its trace
 */
export function recordOf(event: EngineEvent, traced: boolean): LogRecord | undefined {
  if (event.type === "tick") return undefined;
  if (event.type === "changeset") {
    const { id, workload, state } = event.changeset;
    const of = { workload, changeset: id, state, ...(traced && { trace_id: traceIdOf(id) }) };
    return { level: "info", message: event.text, ...of };
  }
  const of = event.workload === undefined ? {} : { workload: event.workload };
  return { level: event.type === "alert" ? "warn" : "info", message: event.text, ...of };
}

/** A record as one line: for people, or as JSON. @param at epoch seconds */
export function logLine(at: number, record: LogRecord, json: boolean): string {
  if (json) return JSON.stringify({ time: new Date(at * 1000).toISOString(), ...record });
  const { level, message, workload, changeset, trace_id } = record;
  const whose = changeset === undefined ? "" : `${workload}: `;
  const trace = trace_id === undefined ? "" : ` (trace ${trace_id})`;
  return `${formatInstant(Math.floor(at))} ${level === "warn" ? "alert: " : ""}${whose}${message}${trace}`;
}
