import { digest } from "../../engine/orchestrator/change/digest.ts";
import type { LedgerAnchor } from "../../engine/orchestrator/change/ledger.port.ts";
import {
  type HeadOptions,
  type ProposedCommit,
  type PushOptions,
  type PushResult,
  type ReviewHost,
  ReviewHostError,
} from "../../engine/orchestrator/change/review-host.port.ts";

interface Commit {
  readonly parent?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly trailers: readonly (readonly [string, string])[];
  /** The changeset that it takes back, as a revert by a person does. */
  readonly reverts?: string;
}

/** A repository in memory with one branch. A checkout is the commit's own name. */
export class MemoryReviewHost implements ReviewHost {
  readonly #commits = new Map<string, Commit>();
  readonly #proposals = new Set<string>();
  readonly #anchors: LedgerAnchor[] = [];
  branch: string;
  reachable = true;

  constructor(files: Readonly<Record<string, string>>) {
    this.branch = this.#add({ files, trailers: [] });
  }

  /** Somebody else commits on the branch. */
  edit(path: string, text: string, reverts?: string): void {
    const files = { ...this.#commit(this.branch).files, [path]: text };
    this.branch = this.#add({ parent: this.branch, files, trailers: [], ...(reverts !== undefined && { reverts }) });
  }

  text(commit: string, path: string): string {
    return this.#commit(commit).files[path];
  }

  async head({ lastSeen = false }: HeadOptions = {}): Promise<string> {
    if (!this.reachable && !lastSeen) throw new ReviewHostError("git fetch: no route to host");
    return this.branch;
  }
  async read(commit: string, path: string): Promise<string | undefined> {
    return this.#commit(commit).files[path];
  }
  async programDigest(commit: string): Promise<string> {
    const files = Object.entries(this.#commit(commit).files).filter(([path]) => !/^(capacity|docs)\//.test(path));
    return digest(files.sort());
  }
  async propose({ changeset, parent, path, text, trailers }: ProposedCommit): Promise<string> {
    this.#proposals.add(changeset);
    return this.#add({ parent, files: { ...this.#commit(parent).files, [path]: text }, trailers });
  }
  async proposals(): Promise<string[]> {
    return [...this.#proposals];
  }
  async forget(changesets: readonly string[]): Promise<void> {
    for (const id of changesets) this.#proposals.delete(id);
  }
  async checkout(commit: string): Promise<string> {
    return commit;
  }
  async removeCheckout(): Promise<void> {}
  async push(commit: string, expected: string, { late = false }: PushOptions = {}): Promise<PushResult> {
    if (!this.reachable && !late) throw new ReviewHostError("git push: no route to host");
    if (this.#history(this.branch).includes(commit)) return { outcome: "pushed" };
    if (this.branch !== expected) return { outcome: "moved", head: this.branch };
    this.branch = commit;
    return { outcome: "pushed" };
  }
  async landed(changeset: string, since: string): Promise<string | undefined> {
    const before = this.#history(since);
    return this.#history(this.branch).find(
      (name) =>
        !before.includes(name) &&
        this.#commit(name).trailers.some(([key, value]) => key === "Foreshadow-Changeset" && value === changeset),
    );
  }
  async carried(most: number): Promise<{ commit: string; parent: string; changeset: string }[]> {
    return this.#history(await this.head())
      .flatMap((commit) => {
        const { parent, trailers } = this.#commit(commit);
        const id = trailers.find(([key]) => key === "Foreshadow-Changeset")?.[1];
        return parent === undefined || id === undefined ? [] : [{ commit, parent, changeset: id }];
      })
      .slice(0, most);
  }
  async reverts(since: string): Promise<{ changeset: string; by: string }[]> {
    const before = this.#history(since);
    const after = this.#history(await this.head()).filter((name) => !before.includes(name));
    return after.flatMap((name) => {
      const commit = this.#commit(name);
      return commit.reverts === undefined ? [] : [{ changeset: commit.reverts, by: "a person" }];
    });
  }
  async anchors(): Promise<LedgerAnchor[]> {
    const carried = [...this.#commits.values()].flatMap(({ trailers }) =>
      trailers.filter(([key]) => key === "Foreshadow-Ledger").map(([, value]) => value as LedgerAnchor),
    );
    return [...this.#anchors.toReversed(), ...carried];
  }
  async anchor(head: LedgerAnchor): Promise<void> {
    if (!this.reachable) throw new ReviewHostError("git commit-tree: no space left");
    if (this.#anchors.at(-1) !== head) this.#anchors.push(head);
  }

  #add(commit: Commit): string {
    const name = digest(commit).slice(0, 40);
    this.#commits.set(name, commit);
    return name;
  }
  #commit(name: string): Commit {
    const commit = this.#commits.get(name);
    if (commit === undefined) throw new ReviewHostError(`git: unknown commit ${name}`);
    return commit;
  }
  #history(name: string | undefined): string[] {
    return name === undefined ? [] : [name, ...this.#history(this.#commit(name).parent)];
  }
}
