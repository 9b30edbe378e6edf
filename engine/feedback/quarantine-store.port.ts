import type { LedgerEvent } from "../orchestrator/change/ledger.port.ts";
import type { Quarantine } from "./quarantine.ts";

/** Where quarantines survive a restart. */
export interface QuarantineStore {
  /** The newest first; without a workload, of all. */
  quarantines(workload?: string): Promise<Quarantine[]>;
  /** Writes a quarantine, or what has become of it, and the ledger's entry in one transaction. */
  saveQuarantine(quarantine: Quarantine, event: LedgerEvent): Promise<void>;
}
