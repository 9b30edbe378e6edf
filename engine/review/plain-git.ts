import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StackReference } from "../../model/changeset.ts";
import type { LedgerAnchor } from "../orchestrator/change/ledger.port.ts";
import {
  type HeadOptions,
  type ProposedCommit,
  type PushOptions,
  type PushResult,
  type ReviewHost,
  ReviewHostError,
} from "../orchestrator/change/review-host.port.ts";
import { commitFile } from "./commit-file.ts";
import type { GeneratedFiles } from "./generated-files.ts";
import { createGit, type Git } from "./git.ts";
import { remoteAddress } from "./remote-address.ts";
import { followBranch } from "./working-tree.ts";

export interface PlainGitOptions {
  /** A directory of the repository's working tree: its root. */
  readonly root: string;
  /** The engine's store; checkouts are kept below it. */
  readonly store: string;
  /** The branch that says what is desired; by default the one that is checked out. */
  readonly branch?: string;
  /** A remote that is pushed to first and whose branch counts. */
  readonly remote?: string;
  /** Environment of git where it talks to the remote. */
  readonly access?: () => Promise<Readonly<Record<string, string>>>;
  /** The commit on the branch that a merge elsewhere made of a changeset, where its message may not tell: a squash. */
  readonly merged?: (changeset: string) => Promise<string | undefined>;
  /** Seconds on a clock that never goes back; the process's own by default. */
  readonly monotonic?: () => number;
  /** What goes with the capacity files in their commits. */
  readonly generated?: GeneratedFiles;
  /** Paths that a program does not depend on. */
  readonly isProgram?: (path: string) => boolean;
}

const REFERENCES = "refs/foreshadow";
/** The commits made for an anchor alone, a chain without files. */
const LEDGER = `${REFERENCES}/ledger`;
/** The last of the commits that a remote has yet to get. */
const OWED = `${REFERENCES}/owed`;
/** As many anchors are kept before the chain begins anew: any one of them witnesses all entries up to its own. */
const MAX_CHAIN = 1000;
/** Seconds that a fetch may take, and for which a remote that failed is not asked again. */
const FETCH_TIMEOUT = 15;
const AWAY = 10;
const ANCHOR_FORMAT = "--format=%(trailers:key=Foreshadow-Ledger,valueonly,separator=%x20)";
/** How `git revert` and the buttons of hosts name what they take back. */
const REVERTS = /This reverts commit ([0-9a-f]{7,64})(, reversing\s+changes made to)?/g;
const MAX_REVERTS = 1000;
/** Commits of the branch that are searched for anchors: the last of them is what a cut tail shows against. */
const MAX_ANCHORS = 10_000;

/** A capacity file is what is changed, prose changes nothing; anything else may. */
function mayMatter(path: string): boolean {
  return !/^(capacity|docs)\//.test(path) && !path.endsWith(".md");
}

/** Review in a plain repository: proposals are references that anybody can look at and merge. The user's index and files are left alone. */
export class PlainGit implements ReviewHost {
  readonly #git: Git;
  readonly #options: PlainGitOptions;
  #branch: string | undefined;
  #awayUntil = Number.NEGATIVE_INFINITY;
  #away: Error | undefined;

  constructor(options: PlainGitOptions) {
    this.#git = createGit(options.root);
    this.#options = options;
    this.#branch = options.branch;
  }

  async head({ lastSeen = false }: HeadOptions = {}): Promise<string> {
    const branch = await this.branch();
    const { remote } = this.#options;
    if (remote === undefined)
      return this.#git(["rev-parse", "--quiet", "--verify", `refs/heads/${branch}^{commit}`]).catch((cause: Error) => {
        throw new ReviewHostError(
          `${this.#options.root}: expected a commit on the branch ${branch}, found none; commit the project's files`,
          { cause },
        );
      });
    const seen = () => (lastSeen ? this.#seen(remote, branch) : "");
    try {
      // Who can do without the remote does not wait for it again: the others find out when it is back.
      if (this.#away !== undefined && (await seen()) !== "") throw this.#away;
      await this.#fetch(remote, branch);
      return await this.#settleOwed(remote, branch);
    } catch (error) {
      const head = await seen();
      if (head === "") throw error;
      return head;
    }
  }

  /** The commit at which the branch was last seen: nothing is asked of a remote, so that it can be neither slow nor out of reach. */
  async lastSeen(): Promise<string> {
    const branch = await this.branch();
    const { remote } = this.#options;
    return (remote === undefined ? "" : await this.#seen(remote, branch)) || this.head();
  }

  async read(commit: string, path: string): Promise<string | undefined> {
    if ((await this.#git(["ls-tree", commit, "--", path])) === "") return undefined;
    return this.#git(["cat-file", "blob", `${commit}:${path}`], { raw: true });
  }

  async programDigest(commit: string, _stack: StackReference): Promise<string> {
    const { isProgram = mayMatter, generated } = this.#options;
    const entries = (await this.#git(["ls-tree", "-r", "-z", commit])).split("\0").filter(Boolean);
    const program = entries.filter((entry) => {
      const path = entry.slice(entry.indexOf("\t") + 1);
      return isProgram(path) && !generated?.paths.has(path);
    });
    return createHash("sha256").update(program.join("\0")).digest("hex");
  }

  async propose(proposal: ProposedCommit): Promise<string> {
    const { changeset } = proposal;
    const { store, generated } = this.#options;
    const commit = await commitFile(this.#git, store, changeset, {
      ...proposal,
      generated: generated?.with(proposal.path, proposal.text),
      message: message(proposal),
    });
    await this.#git(["update-ref", `${REFERENCES}/${changeset}`, commit]);
    return commit;
  }

  async proposals(): Promise<string[]> {
    const names = await this.#git(["for-each-ref", "--format=%(refname)", REFERENCES]);
    const known = names.split("\n").filter((name) => name !== "" && name !== LEDGER && name !== OWED);
    return known.map((name) => name.slice(REFERENCES.length + 1));
  }

  async forget(changesets: readonly string[]): Promise<void> {
    const input = changesets.map((id) => `delete ${REFERENCES}/${id}\n`).join("");
    await this.#git(["update-ref", "--stdin"], { input });
  }

  async checkout(commit: string, name: string): Promise<string> {
    const path = join(this.#directory("worktrees"), name);
    if (existsSync(join(path, ".git"))) {
      const git = createGit(path);
      const ready = await git(["checkout", "--quiet", "--force", "--detach", commit]).then(
        () => true,
        () => false,
      );
      if (ready) return path;
    }
    // A crash may have left half a checkout.
    rmSync(path, { recursive: true, force: true });
    await this.#git(["worktree", "prune"]);
    await this.#git(["worktree", "add", "--quiet", "--force", "--detach", path, commit]);
    return path;
  }

  async removeCheckout(name: string): Promise<void> {
    const path = join(this.#directory("worktrees"), name);
    rmSync(path, { recursive: true, force: true });
    await this.#git(["worktree", "prune"]);
  }

  async push(commit: string, expected: string, { late = false }: PushOptions = {}): Promise<PushResult> {
    const branch = await this.branch();
    const head = await this.head({ lastSeen: late });
    let owed: string | undefined;
    if (!(await this.#isAncestor(commit, head))) {
      if (head !== expected) return { outcome: "moved", head };
      const { remote } = this.#options;
      try {
        if (late && this.#away !== undefined) throw this.#away;
        const moved =
          remote === undefined
            ? await this.#moveBranch(branch, commit, expected)
            : await this.#pushRemote(remote, branch, commit, expected);
        if (moved !== undefined) return { outcome: "moved", head: moved };
      } catch (error) {
        if (remote === undefined || !late) throw error;
        await this.#git(["update-ref", OWED, commit]);
        owed = `${remote} is out of reach; it gets this commit when it is back`;
      }
    }
    const note = await this.#follow(branch, commit, expected);
    return { outcome: "pushed", note: owed ?? note };
  }

  async landed(changeset: string, since: string): Promise<string | undefined> {
    const range = `${since}..${await this.head({ lastSeen: true })}`;
    const grep = `--grep=Foreshadow-Changeset: ${changeset}`;
    const format = "--format=%H %(trailers:key=Foreshadow-Changeset,valueonly,separator=%x20)";
    const lines = (await this.#git(["log", format, "--fixed-strings", grep, range])).split("\n");
    const carrying = lines.map((line) => line.split(" ")).find(([, ...ids]) => ids.includes(changeset))?.[0];
    if (carrying !== undefined) return carrying;
    const merged = await this.#options.merged?.(changeset);
    if (merged === undefined) return undefined;
    const between = (await this.#git(["rev-list", range])).split("\n");
    return between.includes(merged) ? merged : undefined;
  }

  async carried(most: number): Promise<{ commit: string; parent: string; changeset: string }[]> {
    const format = "--format=%H %P %(trailers:key=Foreshadow-Changeset,valueonly,separator=%x20)";
    const grep = ["--extended-regexp", "--grep=^Foreshadow-Changeset: "];
    const log = await this.#git([
      "log",
      format,
      ...grep,
      "--no-merges",
      "--max-count",
      String(most),
      await this.head(),
    ]);
    const lines = log.split("\n").map((line) => line.split(" "));
    return lines.flatMap(([commit, parent, ...ids]) =>
      ids.filter((id) => id !== "").map((changeset) => ({ commit, parent, changeset })),
    );
  }

  async reverts(since: string): Promise<{ changeset: string; by: string }[]> {
    const range = [`${since}..${await this.head()}`, "--reverse", "--max-count", String(MAX_REVERTS)];
    const log = await this.#git(["log", "-z", "--format=%an%n%B", "--grep=This reverts commit", ...range]).catch(
      () => "", // A branch that was rewritten no longer has the commit.
    );
    const reverts: { changeset: string; by: string }[] = [];
    for (const entry of log.split("\0")) {
      const [by, ...body] = entry.split("\n");
      for (const [, commit, merge] of body.join("\n").matchAll(REVERTS)) {
        // Of a merge all that it brought is reverted.
        const range = merge === undefined ? ["--max-count=1", commit] : [`${commit}^1..${commit}`];
        const format = "--format=%(trailers:key=Foreshadow-Changeset,valueonly,separator=%x20)";
        const carried = await this.#git(["log", format, ...range, "--"]).catch(() => "");
        for (const changeset of carried.split(/\s+/).filter(Boolean)) reverts.push({ changeset, by });
      }
    }
    return reverts;
  }

  async anchors(): Promise<LedgerAnchor[]> {
    const branch = await this.branch();
    const { remote } = this.#options;
    const head = remote === undefined ? `refs/heads/${branch}` : `refs/remotes/${remote}/${branch}`;
    const known = await this.#git(["for-each-ref", "--format=%(refname)", head, REFERENCES]);
    if (known === "") return [];
    const text = await this.#git(["log", ANCHOR_FORMAT, "--max-count", String(MAX_ANCHORS), "--stdin"], {
      input: `${known}\n`,
    });
    return anchorsIn(text);
  }

  async anchor(head: LedgerAnchor, at: number): Promise<void> {
    const parent = await this.#git(["rev-parse", "--quiet", "--verify", LEDGER]).catch(() => "");
    const log = parent === "" ? "" : await this.#git(["log", ANCHOR_FORMAT, parent]);
    const former = anchorsIn(log);
    if (former[0] === head) return;
    const full = log.split("\n").length >= MAX_CHAIN;
    // A chain that begins anew carries the highest of the old one on: else a cut made before would be forgotten with it.
    const highest = [...former].sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10)).slice(0, full ? 1 : 0);
    const tree = await this.#git(["hash-object", "-t", "tree", "-w", "--stdin"]);
    const date = `${Math.floor(at)} +0000`;
    const commit = await this.#git(["commit-tree", tree, ...(parent === "" || full ? [] : ["-p", parent])], {
      input: message({
        subject: `foreshadow: ledger at entry ${Number.parseInt(head, 10)}`,
        body: "",
        trailers: [head, ...highest].map((anchor) => ["Foreshadow-Ledger", anchor]),
      }),
      env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
    await this.#git(["update-ref", LEDGER, commit, parent === "" ? "0".repeat(commit.length) : parent]);
  }

  /** The branch that says what is desired. */
  async branch(): Promise<string> {
    if (this.#branch !== undefined) return this.#branch;
    const prefix = await this.#git(["rev-parse", "--show-prefix"]).catch(() => "");
    // Paths of files are those of the commit: from a subdirectory another project's would be read.
    if (prefix !== "")
      throw new ReviewHostError(
        `${this.#options.root}: expected the project at the root of its git repository, found it in ${prefix}`,
      );
    this.#branch = await this.#git(["symbolic-ref", "--short", "HEAD"]).catch((error: Error) => {
      if (/not a git repository/.test(error.message))
        throw new ReviewHostError(
          `${this.#options.root}: expected a git repository, found none; make one with \`git init\` and commit the project's files`,
        );
      throw new ReviewHostError(
        `${this.#options.root}: expected a branch to be checked out or named in the project, found a detached HEAD`,
      );
    });
    return this.#branch;
  }

  /** A remote that is out of reach is not asked again for a while: nobody should wait for it over and over. */
  async #fetch(remote: string, branch: string): Promise<void> {
    const { access, monotonic = () => performance.now() / 1000 } = this.#options;
    if (monotonic() < this.#awayUntil) throw this.#away;
    try {
      await remoteAddress(this.#git, this.#options.root, remote);
      const refspec = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
      const env = await access?.();
      await this.#git(["fetch", "--quiet", "--no-tags", remote, refspec], { timeout: FETCH_TIMEOUT, env });
      this.#away = undefined;
    } catch (error) {
      this.#away = error as Error;
      this.#awayUntil = monotonic() + AWAY;
      throw error;
    }
  }

  /** Where the branch of the remote stood when it was last seen, with what is owed to it. Empty where it never was. */
  async #seen(remote: string, branch: string): Promise<string> {
    const at = (reference: string) =>
      this.#git(["rev-parse", "--quiet", "--verify", `${reference}^{commit}`]).catch(() => "");
    return (await at(OWED)) || at(`refs/remotes/${remote}/${branch}`);
  }

  /**
   * Gives the remote, which has just been fetched, what was committed while it was out of reach: on top of what others have pushed since. Where the two
   * contradict each other the remote's branch stays as it is; what is in force is then not what it asks for, which the next change tells.
   *
   * @returns where the branch stands
   */
  async #settleOwed(remote: string, branch: string): Promise<string> {
    const head = await this.#git(["rev-parse", "--verify", `refs/remotes/${remote}/${branch}^{commit}`]);
    const owed = await this.#git(["rev-parse", "--quiet", "--verify", OWED]).catch(() => "");
    if (owed === "") return head;
    let tip: string | undefined = head;
    if (!(await this.#isAncestor(owed, head))) {
      tip = (await this.#isAncestor(head, owed)) ? owed : await this.#merged(head, owed);
      const moved = tip === undefined ? undefined : await this.#pushRemote(remote, branch, tip, head);
      if (moved !== undefined) return moved;
    }
    await this.#git(["update-ref", "-d", OWED, owed]);
    return tip ?? head;
  }

  /** A merge of what is owed into what others have pushed; `undefined` where they contradict each other. */
  async #merged(head: string, owed: string): Promise<string | undefined> {
    const tree = await this.#git(["merge-tree", "--write-tree", head, owed]).catch(() => undefined);
    if (tree === undefined) return undefined;
    const message = `Merge capacity that was applied while ${this.#options.remote} was out of reach`;
    return this.#git(["commit-tree", tree.split("\n")[0], "-p", head, "-p", owed, "-m", message]);
  }

  async #isAncestor(commit: string, head: string): Promise<boolean> {
    if (commit === head) return true;
    return (await this.#git(["rev-list", "--max-count=1", commit, `^${head}`])) === "";
  }

  /** @returns where the branch stands instead of `expected` */
  async #moveBranch(branch: string, commit: string, expected: string): Promise<string | undefined> {
    try {
      await this.#git(["update-ref", "-m", "foreshadow: capacity", `refs/heads/${branch}`, commit, expected]);
      return undefined;
    } catch (error) {
      const head = await this.head();
      if (head === expected) throw error;
      return head;
    }
  }

  async #pushRemote(remote: string, branch: string, commit: string, expected: string): Promise<string | undefined> {
    const lease = `--force-with-lease=refs/heads/${branch}:${expected}`;
    try {
      await this.#git(["push", "--quiet", "--no-verify", lease, remote, `${commit}:refs/heads/${branch}`], {
        timeout: 120,
        env: await this.#options.access?.(),
      });
      return undefined;
    } catch (error) {
      const head = await this.head();
      if (head === commit) return undefined;
      if (head === expected) throw error;
      return head;
    }
  }

  /** The local branch follows a remote where it can, and the working tree the branch. */
  async #follow(branch: string, commit: string, expected: string): Promise<string | undefined> {
    const local = await this.#git(["rev-parse", "--quiet", "--verify", `refs/heads/${branch}^{commit}`]).catch(
      () => "",
    );
    if (local === expected) await this.#moveBranch(branch, commit, expected);
    else if (local !== commit && !(local !== "" && (await this.#isAncestor(commit, local))))
      return `the local branch ${branch} was left where it is: it has other commits than ${this.#options.remote}`;
    const now = await this.#git(["rev-parse", "--verify", `refs/heads/${branch}`]);
    // With other commits on top, whoever made them has brought the working tree along.
    if (now !== commit) return undefined;
    return followBranch(this.#git, this.#options.root, branch, commit, expected);
  }

  #directory(name: string): string {
    const path = join(this.#options.store, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }
}

/** Each anchor of a log once, in its order. */
function anchorsIn(log: string): LedgerAnchor[] {
  return [...new Set(log.split(/\s+/))].filter((word): word is LedgerAnchor => /^\d+:[0-9a-f]+(:|$)/.test(word));
}

function message({ subject, body, trailers }: Pick<ProposedCommit, "subject" | "body" | "trailers">): string {
  const lines = trailers.map(([key, value]) => `${key}: ${value.replaceAll("\n", " ")}`);
  return `${subject}\n\n${body.trim() === "" ? "" : `${body.trim()}\n\n`}${lines.join("\n")}\n`;
}
