import type { SeriesName } from "../../model/dimension.ts";
import type { Verification } from "../ledger/verify-ledger.ts";
import type { ProgramView } from "../loop/series-users.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import type { EngineControl, StatusView, WorkloadView } from "./engine-control.port.ts";
import type { FleetRow, WorkloadStateName } from "./fleet.ts";

/** The programs that use most of each series of a workload, from the last vectors of its hosts. */
export interface UsersView {
  readonly workload: string;
  /** Epoch seconds; `null` before anything was measured. */
  readonly at: number | null;
  readonly series: Partial<Record<SeriesName, readonly ProgramView[]>>;
}

/** What the API asks of a running engine. */
export interface ApiEngine extends EngineControl {
  /** The status without its workloads, of which there may be thousands. */
  summary(): Promise<Omit<StatusView, "workloads">>;
  /** @throws NotFound */
  workload(name: string): Promise<WorkloadView & { readonly states: readonly WorkloadStateName[] }>;
  /** Who uses what of it now. @throws NotFound */
  users(name: string): Promise<UsersView>;
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
