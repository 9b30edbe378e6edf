import type { ApiEngine } from "../../engine/api/api-engine.port.ts";
import type { EngineEvent, StatusView } from "../../engine/api/engine-control.port.ts";
import type { countStates } from "../../engine/api/fleet.ts";
import type { Freeze, Pin } from "../../engine/orchestrator/change/control-store.port.ts";

/** Who is logged in, and what they may do. */
export interface Session {
  readonly name: string;
  readonly person: boolean;
  readonly scopes: readonly string[];
  /** Comes with each write. */
  readonly csrf: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface EngineStatus extends Omit<StatusView, "workloads"> {
  readonly counts: ReturnType<typeof countStates>;
}

/** One workload, with its states. */
export type OneWorkload = Awaited<ReturnType<ApiEngine["workload"]>>;

export interface Holds {
  readonly freezes: readonly Freeze[];
  readonly pins: readonly Pin[];
}

export interface SettingsView {
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export type LiveEvent = EngineEvent;
export type { FleetRow } from "../../engine/api/fleet.ts";
export type { Page } from "../../engine/api/page.ts";
