import { parseAnchor } from "./ledger/hash-chain.ts";
import { type Verification, verifyLedger } from "./ledger/verify-ledger.ts";
import { verifyRecords } from "./ledger/verify-records.ts";
import { openRecords } from "./open-records.ts";
import { ReviewHostError } from "./orchestrator/change/review-host.port.ts";
import type { ProjectFiles } from "./project-files.ts";
import { PlainGit } from "./review/plain-git.ts";
import { storeDirectory } from "./store/store-directory.ts";

/**
 * Reads a project's ledger and checks it against its signature, the stored changesets and the anchors in git. Reads only, with or
 * without a running engine.
 *
 * @throws StoreError when there is no store
 */
export async function readLedger(files: ProjectFiles): Promise<Verification> {
  const { project, root } = files;
  // Before the entries: an anchor that a running engine makes meanwhile would look like a cut tail.
  const anchors = (await gitAnchors(root, storeDirectory(project.store, root).path)).flatMap(
    (text) => parseAnchor(text) ?? [],
  );
  const reader = openRecords(files);
  try {
    const entries = await reader.ledger();
    const verification = verifyLedger(entries, {
      head: await reader.storedHead(),
      publicKey: reader.publicKey(),
      anchors,
    });
    const records = verifyRecords(entries, await reader.savedRecords()).map(({ changeset, text }) => ({
      sequence: 0,
      kind: "flipped" as const,
      text: `changeset ${changeset}: ${text}`,
    }));
    return {
      ...verification,
      valid: verification.valid && records.length === 0,
      problems: [...verification.problems, ...records],
    };
  } finally {
    reader.close();
  }
}

/** Without a repository there are no anchors: the tail is then unproven, which the verification says. */
async function gitAnchors(root: string, store: string): Promise<readonly string[]> {
  try {
    return await new PlainGit({ root, store }).anchors();
  } catch (error) {
    if (error instanceof ReviewHostError) return [];
    throw error;
  }
}
