import type { Migration } from "./migrations.ts";

/** Schema of `control.db`. Documents are JSON; what queries need stands in columns of its own. */
export const CONTROL_MIGRATIONS: readonly Migration[] = [
  {
    name: "changesets, ledger, holds, lease and values",
    sql: `
      CREATE TABLE changeset (
        id TEXT PRIMARY KEY,
        revision INTEGER NOT NULL,
        workload TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at REAL NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX changeset_by_workload ON changeset (workload, created_at);
      CREATE INDEX changeset_by_state ON changeset (state, created_at);

      -- entry: canonical JSON of everything but the hash, the very text that the hash is over
      CREATE TABLE ledger (sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
      CREATE TABLE ledger_head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        sequence INTEGER NOT NULL,
        hash TEXT NOT NULL,
        signature TEXT NOT NULL
      ) STRICT;

      -- what the ledger knows of the holds; those in force stand in holds.json
      CREATE TABLE hold (
        kind TEXT NOT NULL CHECK (kind IN ('freeze', 'pin')),
        workload TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (kind, workload)
      ) STRICT;

      CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL, expires_at REAL NOT NULL) STRICT;
      CREATE TABLE value (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    `,
  },
  {
    name: "quarantines",
    sql: `
      CREATE TABLE quarantine (id TEXT PRIMARY KEY, workload TEXT NOT NULL, from_at REAL NOT NULL, document TEXT NOT NULL) STRICT;
      CREATE INDEX quarantine_by_workload ON quarantine (workload, from_at);
    `,
  },
];
