import type { Changeset, ChangesetState } from "../../../model/changeset.ts";
import type { LedgerEntry, LedgerEvent, LedgerHead } from "./ledger.port.ts";

/** Somebody else saved the changeset meanwhile: read it again and decide again. */
export class RevisionConflict extends Error {
  override readonly name = "RevisionConflict";
}

/** A person's hold on a workload, or on all with workload `*`. */
export interface Freeze {
  readonly workload: string;
  /** Also stops the rescue of present demand. */
  readonly all: boolean;
  readonly since: number;
  readonly by: string;
  readonly reason?: string;
}

/** A person's bounds for a workload's replicas until an instant. */
export interface Pin {
  readonly workload: string;
  readonly min?: number;
  readonly max?: number;
  /** Epoch seconds. */
  readonly until: number;
  readonly by: string;
}

/**
 * Everything that must survive a crash, synced fully: changesets, lease, holds, ledger. One writer, the engine that holds the lease.
 * Each method is one transaction.
 */
export interface ControlStore {
  /**
   * Saves a changeset and appends to the ledger in one transaction.
   *
   * @param expectedRevision the revision that is stored now; 0 when the changeset is new
   * @throws RevisionConflict when another revision is stored
   */
  save(changeset: Changeset, expectedRevision: number, event: LedgerEvent): Promise<LedgerHead>;
  changeset(id: string): Promise<Changeset | undefined>;
  changesets(filter?: { workload?: string; states?: readonly ChangesetState[]; limit?: number }): Promise<Changeset[]>;
  /** How many there are in each state of which there is one. */
  changesetCounts(): Promise<ReadonlyMap<ChangesetState, number>>;
  /** Appends to the ledger alone. */
  record(event: LedgerEvent): Promise<LedgerHead>;
  ledger(from?: number, limit?: number): Promise<LedgerEntry[]>;
  head(): Promise<LedgerHead>;

  freezes(): Promise<Freeze[]>;
  setFreeze(freeze: Freeze, event: LedgerEvent): Promise<void>;
  removeFreeze(workload: string, event: LedgerEvent): Promise<void>;
  pins(now: number): Promise<Pin[]>;
  setPin(pin: Pin, event: LedgerEvent): Promise<void>;
  removePin(workload: string, event: LedgerEvent): Promise<void>;

  /** Records in the ledger what was frozen, pinned or released without the store. Once a tick. @returns how many holds that were */
  recordHolds?(now: number): Promise<number>;

  /** Small named values: the last tick, measured lead times. */
  value(key: string): Promise<string | undefined>;
  setValue(key: string, value: string): Promise<void>;
  close(): void;
}
