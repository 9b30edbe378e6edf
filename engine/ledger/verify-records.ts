import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";

/** What the ledger says was stored of a changeset, and what is stored. */
export interface RecordProblem {
  readonly changeset: string;
  readonly text: string;
}

interface StoredRecord {
  readonly revision: number;
  readonly digest: string;
}

/**
 * Compares the stored changesets with the last ledger entry of each, whose body carries `saved: { revision, digest }`.
 * The chain protects the entries; this extends it to the evidence, previews and reasons that are too long for them.
 */
export function verifyRecords(
  entries: readonly LedgerEntry[],
  stored: ReadonlyMap<string, StoredRecord>,
): RecordProblem[] {
  const last = new Map<string, { sequence: number; saved: StoredRecord }>();
  for (const { changeset, sequence, body } of entries) {
    const saved = body.saved as StoredRecord | undefined;
    if (changeset !== undefined && saved !== undefined) last.set(changeset, { sequence, saved });
  }
  const problems: RecordProblem[] = [];
  for (const [changeset, { sequence, saved }] of last) {
    const found = stored.get(changeset);
    if (found === undefined) problems.push({ changeset, text: `it is gone; entry ${sequence} saved it` });
    else if (found.revision !== saved.revision || found.digest !== saved.digest)
      problems.push({
        changeset,
        text: `it is not what entry ${sequence} saved: revision ${saved.revision} then, ${found.revision} now, or another content`,
      });
  }
  for (const changeset of stored.keys())
    if (!last.has(changeset)) problems.push({ changeset, text: "no ledger entry saved it" });
  return problems;
}
