import type { ApiEngine } from "./api-engine.port.ts";
import { type EngineEvent, NotFound, Refused } from "./engine-control.port.ts";
import { type EventFilter, isWanted } from "./event-filter.ts";

/** Operations that give a list, and what others give. */
const LISTS = new Set(["changesets", "envelopes", "alerts", "quarantines", "backfills", "ledger", "fleet"]);
const NAMES = [
  ...LISTS,
  ...[
    "status",
    "summary",
    "workload",
    "users",
    "holds",
    "metrics",
    "forecast",
    "plan",
    "changeset",
    "approve",
    "reject",
    "rollback",
    "apply",
  ],
  ...[
    "approveEnvelope",
    "rejectEnvelope",
    "freeze",
    "pin",
    "unfreeze",
    "quarantine",
    "undoQuarantine",
    "report",
    "backfill",
  ],
];

export type RecordingEngine = ApiEngine & {
  /** What it was told, in order. */
  readonly calls: unknown[][];
  emit(event: EngineEvent): void;
};

/** An engine that remembers what it was told, for tests of the way to it. */
export function recordingEngine(): RecordingEngine {
  const calls: unknown[][] = [];
  const listeners = new Map<(event: EngineEvent) => void, EventFilter>();
  const handler =
    (name: string) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args]);
      if (args[0] === "unknown") throw new NotFound("no changeset unknown");
      if (args[0] === "applying") throw new Refused("the changeset is applying");
      if (name === "status" || name === "summary")
        return { engine: { running: true, lastTick: 60 }, ledger: { sequence: 0 }, workloads: [], alerts: [] };
      return LISTS.has(name) ? [] : { called: name };
    };
  return {
    ...(Object.fromEntries(NAMES.map((name) => [name, handler(name)])) as unknown as ApiEngine),
    follow: (listener, signal, filter = {}) =>
      new Promise((resolve) => {
        listeners.set(listener, filter);
        signal.addEventListener("abort", () => {
          listeners.delete(listener);
          resolve();
        });
      }),
    calls,
    emit: (event) => {
      for (const [listener, filter] of listeners) if (isWanted(event, filter)) listener(event);
    },
  };
}
