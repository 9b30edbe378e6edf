import type { Quarantine } from "../../engine/feedback/quarantine.ts";
import type { QuarantineStore } from "../../engine/feedback/quarantine-store.port.ts";
import { append, GENESIS } from "../../engine/ledger/hash-chain.ts";
import {
  type ControlStore,
  type Freeze,
  type Pin,
  RevisionConflict,
} from "../../engine/orchestrator/change/control-store.port.ts";
import type { LedgerEntry, LedgerEvent, LedgerHead } from "../../engine/orchestrator/change/ledger.port.ts";
import type { Changeset, ChangesetState } from "../../model/changeset.ts";

/** A control store without a disk, for tests of what is recorded. `crashAfter` lets it fail as if the process had ended. */
export class MemoryControlStore implements ControlStore, QuarantineStore {
  readonly entries: LedgerEntry[] = [];
  readonly #changesets = new Map<string, Changeset>();
  readonly #freezes = new Map<string, Freeze>();
  readonly #pins = new Map<string, Pin>();
  readonly #quarantines = new Map<string, Quarantine>();
  readonly #values = new Map<string, string>();
  /** Saves that are still let through; each one after throws. */
  savesLeft = Number.POSITIVE_INFINITY;

  async save(changeset: Changeset, expectedRevision: number, event: LedgerEvent): Promise<LedgerHead> {
    if (this.savesLeft-- <= 0) throw new Error("crashed");
    const found = this.#changesets.get(changeset.id)?.revision ?? 0;
    if (found !== expectedRevision) throw new RevisionConflict(`expected ${expectedRevision}, found ${found}`);
    this.#changesets.set(changeset.id, changeset);
    return this.record({ ...event, changeset: changeset.id });
  }
  async changeset(id: string): Promise<Changeset | undefined> {
    return this.#changesets.get(id);
  }
  async changesets({
    workload,
    states,
    limit,
  }: {
    workload?: string;
    states?: readonly ChangesetState[];
    limit?: number;
  } = {}): Promise<Changeset[]> {
    return [...this.#changesets.values()]
      .filter((one) => (workload === undefined || one.workload === workload) && (states?.includes(one.state) ?? true))
      .slice(0, limit);
  }
  async changesetCounts(): Promise<Map<ChangesetState, number>> {
    const counts = new Map<ChangesetState, number>();
    for (const { state } of this.#changesets.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return counts;
  }
  async record(event: LedgerEvent): Promise<LedgerHead> {
    const entry = append(this.entries.at(-1) ?? GENESIS, event);
    this.entries.push(entry);
    return this.head();
  }
  async ledger(from = 1, limit?: number): Promise<LedgerEntry[]> {
    return this.entries.slice(from - 1, limit === undefined ? undefined : from - 1 + limit);
  }
  async head(): Promise<LedgerHead> {
    const { sequence, hash } = this.entries.at(-1) ?? GENESIS;
    return { sequence, hash, signature: "" };
  }
  async freezes(): Promise<Freeze[]> {
    return [...this.#freezes.values()];
  }
  async setFreeze(freeze: Freeze, event?: LedgerEvent): Promise<void> {
    if (event !== undefined) await this.record(event);
    this.#freezes.set(freeze.workload, freeze);
  }
  async removeFreeze(workload: string, event: LedgerEvent): Promise<void> {
    await this.record(event);
    this.#freezes.delete(workload);
  }
  async pins(now: number): Promise<Pin[]> {
    return [...this.#pins.values()].filter(({ until }) => until > now);
  }
  async setPin(pin: Pin, event: LedgerEvent): Promise<void> {
    await this.record(event);
    this.#pins.set(pin.workload, pin);
  }
  async removePin(workload: string): Promise<void> {
    this.#pins.delete(workload);
  }
  async value(key: string): Promise<string | undefined> {
    return this.#values.get(key);
  }
  async setValue(key: string, value: string): Promise<void> {
    this.#values.set(key, value);
  }
  async quarantines(workload?: string): Promise<Quarantine[]> {
    return [...this.#quarantines.values()]
      .filter((one) => workload === undefined || one.workload === workload)
      .reverse();
  }
  async saveQuarantine(quarantine: Quarantine, event: LedgerEvent): Promise<void> {
    this.#quarantines.set(quarantine.id, quarantine);
    await this.record(event);
  }
  close(): void {}
}
