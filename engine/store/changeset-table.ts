import { createHash } from "node:crypto";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Changeset, ChangesetState } from "../../model/changeset.ts";
import { RevisionConflict } from "../orchestrator/change/control-store.port.ts";

export interface ChangesetFilter {
  readonly workload?: string;
  readonly states?: readonly ChangesetState[];
  readonly limit?: number;
}

/** Identifies one stored revision of a changeset: the ledger entry of each save carries it. */
export interface SavedRecord {
  readonly revision: number;
  /** SHA-256 of the stored document. */
  readonly digest: string;
}

/** The changesets' rows: the newest revision of each. */
export class ChangesetTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Writes the next revision. To be called inside a transaction.
   *
   * @throws RevisionConflict when another revision than the expected one is stored
   */
  save(changeset: Changeset, expectedRevision: number): SavedRecord {
    const { id, workload, state, createdAt } = changeset;
    const row = this.#database.prepare("SELECT revision FROM changeset WHERE id = ?").get(id);
    const stored = Number(row?.revision ?? 0);
    if (stored !== expectedRevision)
      throw new RevisionConflict(`changeset ${id}: expected revision ${expectedRevision}, found ${stored}`);
    const revision = stored + 1;
    const document = JSON.stringify({ ...changeset, revision });
    this.#database
      .prepare(
        `INSERT INTO changeset (id, revision, workload, state, created_at, document) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, workload = excluded.workload,
           state = excluded.state, created_at = excluded.created_at, document = excluded.document`,
      )
      .run(id, revision, workload, state, createdAt, document);
    return { revision, digest: documentDigest(document) };
  }

  get(id: string): Changeset | undefined {
    const row = this.#database.prepare("SELECT document FROM changeset WHERE id = ?").get(id);
    return row && (JSON.parse(String(row.document)) as Changeset);
  }

  /** Newest first. */
  list({ workload, states, limit = 1000 }: ChangesetFilter): Changeset[] {
    const conditions = ["1"];
    const values: SQLInputValue[] = [];
    if (workload !== undefined) {
      conditions.push("workload = ?");
      values.push(workload);
    }
    if (states !== undefined) {
      conditions.push(`state IN (${states.map(() => "?").join(", ")})`);
      values.push(...states);
    }
    const sql = `SELECT document FROM changeset WHERE ${conditions.join(" AND ")} ORDER BY created_at DESC, rowid DESC LIMIT ?`;
    const rows = this.#database.prepare(sql).all(...values, limit);
    return rows.map(({ document }) => JSON.parse(String(document)) as Changeset);
  }

  /** How many there are in each state of which there is one. */
  counts(): Map<ChangesetState, number> {
    const rows = this.#database.prepare("SELECT state, count(*) AS n FROM changeset GROUP BY state").all();
    return new Map(rows.map(({ state, n }) => [String(state) as ChangesetState, Number(n)]));
  }

  /** What is stored of each changeset, to compare with the ledger. */
  records(): Map<string, SavedRecord> {
    const rows = this.#database.prepare("SELECT id, revision, document FROM changeset").all();
    return new Map(
      rows.map(({ id, revision, document }) => [
        String(id),
        { revision: Number(revision), digest: documentDigest(String(document)) },
      ]),
    );
  }
}

function documentDigest(document: string): string {
  return createHash("sha256").update(document, "utf8").digest("hex");
}
