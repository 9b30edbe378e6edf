import type { Verification } from "../ledger/verify-ledger.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import type { EngineControl, StatusView, WorkloadView } from "./engine-control.port.ts";
import type { FleetRow, WorkloadStateName } from "./fleet.ts";

/** What the API asks of a running engine. */
export interface ApiEngine extends EngineControl {
  /** The status without its workloads, of which there may be thousands. */
  summary(): Promise<Omit<StatusView, "workloads">>;
  /** @throws NotFound */
  workload(name: string): Promise<WorkloadView & { readonly states: readonly WorkloadStateName[] }>;
  /** A line for each workload. */
  fleet(): Promise<readonly FleetRow[]>;
  holds(): Promise<{ readonly freezes: readonly Freeze[]; readonly pins: readonly Pin[] }>;
  /** Entries of the ledger in order. @param from sequence of the first */
  ledger(from: number, limit: number): Promise<readonly LedgerEntry[]>;
  /** Figures in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** What the API reads of a project besides. */
export interface ApiRecords {
  /** Checks the ledger against its signature, the stored changesets and the anchors in git. */
  verifyLedger(): Promise<Verification>;
  /** The files that say how the engine is set, as they are. */
  settings(): Promise<readonly { readonly path: string; readonly text: string }[]>;
}
