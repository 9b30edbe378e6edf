import type { DatabaseSync } from "node:sqlite";
import type { Lease, LeasePort } from "../orchestrator/change/lease.port.ts";
import { transaction } from "./sqlite-database.ts";

/** Leases as rows. A name's token is kept when the lease ends, so that it rises over all its holders. */
export class LeaseTable implements LeasePort {
  readonly #database: DatabaseSync;
  readonly #path: string;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  async acquire(name: string, holder: string, now: number, seconds: number): Promise<Lease | undefined> {
    return transaction(this.#database, this.#path, `taking the lease ${name}`, () => {
      const row = this.#database.prepare("SELECT holder, token, expires_at FROM lease WHERE name = ?").get(name);
      const valid = row !== undefined && Number(row.expires_at) > now;
      if (valid && row.holder !== holder) return undefined;
      const token = Number(row?.token ?? 0) + (valid ? 0 : 1);
      const lease = { holder, token, expiresAt: now + seconds };
      this.#database
        .prepare("INSERT OR REPLACE INTO lease (name, holder, token, expires_at) VALUES (?, ?, ?, ?)")
        .run(name, holder, token, lease.expiresAt);
      return lease;
    });
  }

  async renew(name: string, { holder, token }: Lease, now: number, seconds: number): Promise<boolean> {
    return transaction(this.#database, this.#path, `renewing the lease ${name}`, () => {
      const { changes } = this.#database
        .prepare("UPDATE lease SET expires_at = ? WHERE name = ? AND holder = ? AND token = ?")
        .run(now + seconds, name, holder, token);
      return Number(changes) === 1;
    });
  }

  async release(name: string, { holder, token }: Lease): Promise<void> {
    transaction(this.#database, this.#path, `releasing the lease ${name}`, () =>
      this.#database
        .prepare("UPDATE lease SET expires_at = 0, holder = '' WHERE name = ? AND holder = ? AND token = ?")
        .run(name, holder, token),
    );
  }
}
