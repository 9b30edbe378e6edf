import type { LeaseRecord, SharedLeaseRecord } from "../orchestrator/change/lease.port.ts";
import { ReviewHostError } from "../orchestrator/change/review-host.port.ts";
import { createGit, type Git } from "./git.ts";
import { remoteAddress } from "./remote-address.ts";

/** Apart from proposals and the ledger's anchors: it names a blob, and nobody merges it. */
const REFERENCE = "refs/foreshadow-engine/lease";
/** Seconds that a remote may take to answer. */
const PATIENCE = 15;
const ABSENT = "";
const MAX_CHARACTERS = 10_000;

export interface GitLeaseOptions {
  /** A directory of the repository's working tree. */
  readonly root: string;
  /** The git remote that the engines share; `.` for this repository itself. */
  readonly remote: string;
  /** Environment of git where it talks to the remote. */
  readonly access?: () => Promise<Readonly<Record<string, string>>>;
}

/** The record of who may act as a reference of a git repository: git changes one only from what it was expected to be. */
export class GitLease implements SharedLeaseRecord {
  readonly #options: GitLeaseOptions;
  readonly #git: Git;

  constructor(options: GitLeaseOptions) {
    this.#options = options;
    this.#git = createGit(options.root);
  }

  async read(): Promise<{ version: string; record?: LeaseRecord }> {
    const version = (await this.#remote(["ls-remote", this.#options.remote, REFERENCE])).split(/\s/)[0];
    if (version === ABSENT) return { version };
    const known = await this.#git(["cat-file", "-e", version]).then(
      () => true,
      () => false,
    );
    if (!known) await this.#remote(["fetch", "--quiet", "--no-tags", this.#options.remote, REFERENCE]);
    return { version, record: parse(await this.#git(["cat-file", "blob", version])) };
  }

  async write(record: LeaseRecord, expected: string): Promise<string | undefined> {
    const version = await this.#git(["hash-object", "-w", "--stdin"], { input: JSON.stringify(record) });
    const lease = `--force-with-lease=${REFERENCE}:${expected}`;
    try {
      await this.#remote(["push", "--quiet", "--no-verify", lease, this.#options.remote, `${version}:${REFERENCE}`]);
      return version;
    } catch (error) {
      const { version: found } = await this.read();
      if (found === version) return version;
      if (found === expected) throw error;
      return undefined;
    }
  }

  async #remote(args: readonly string[]): Promise<string> {
    await remoteAddress(this.#git, this.#options.root, this.#options.remote);
    return this.#git(args, { env: await this.#options.access?.(), timeout: PATIENCE });
  }
}

function parse(text: string): LeaseRecord {
  try {
    const { holder, token, beat } = JSON.parse(text.slice(0, MAX_CHARACTERS));
    if (typeof holder === "string" && Number.isSafeInteger(token) && Number.isSafeInteger(beat))
      return { holder, token, beat };
  } catch {
    // Told below.
  }
  throw new ReviewHostError(`${REFERENCE}: expected the record of a lease, found something else; remove the reference`);
}
