import type { Octokit } from "@octokit/core";
import type { PullRequest, PullRequestDraft, PullRequestHost } from "./pull-request.port.ts";

/** Pages of a hundred comments that are searched for the one comment. */
const MOST_PAGES = 10;

interface Pull {
  readonly number: number;
  readonly html_url: string;
  readonly state: string;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly head: { readonly sha: string };
  readonly merged_by?: { readonly login: string } | null;
}

/** Pull requests of a repository on GitHub, GitHub Enterprise Cloud or Server, by the REST API. https://docs.github.com/en/rest/pulls */
export class GitHub implements PullRequestHost {
  readonly name: string;
  readonly #request: Octokit["request"];
  readonly #repository: { readonly owner: string; readonly repo: string };

  /** @param repository `owner/name` */
  constructor(octokit: Octokit, repository: string) {
    const [owner, repo] = repository.split("/");
    this.name = `GitHub ${repository}`;
    this.#request = octokit.request;
    this.#repository = { owner, repo };
  }

  async get(number: number): Promise<PullRequest> {
    const { data } = await this.#request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
      ...this.#repository,
      pull_number: number,
    });
    return pullOf(data);
  }

  async find(branch: string, base: string): Promise<PullRequest | undefined> {
    const { data } = await this.#request("GET /repos/{owner}/{repo}/pulls", {
      ...this.#repository,
      state: "open",
      head: `${this.#repository.owner}:${branch}`,
      base,
      per_page: 1,
    });
    return data[0] && pullOf(data[0]);
  }

  async open({ branch, base, title, body }: PullRequestDraft): Promise<PullRequest> {
    const { data } = await this.#request("POST /repos/{owner}/{repo}/pulls", {
      ...this.#repository,
      head: branch,
      base,
      title,
      body,
      maintainer_can_modify: false,
    });
    return pullOf(data);
  }

  async edit(number: number, { title, body }: Pick<PullRequestDraft, "title" | "body">): Promise<void> {
    const parameters = { ...this.#repository, pull_number: number, title, body };
    await this.#request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", parameters);
  }

  async close(number: number): Promise<void> {
    const parameters = { ...this.#repository, pull_number: number, state: "closed" } as const;
    await this.#request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", parameters);
  }

  async author(commit: string): Promise<string> {
    const { data } = await this.#request("GET /repos/{owner}/{repo}/commits/{ref}", {
      ...this.#repository,
      ref: commit,
    });
    return data.author?.login ?? data.commit.author?.name ?? "somebody";
  }

  async comment(number: number, marker: string, text: string, known?: number): Promise<number> {
    const id = known ?? (await this.#findComment(number, marker));
    if (id === undefined) {
      const { data } = await this.#request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
        ...this.#repository,
        issue_number: number,
        body: `${marker}\n${text}`,
      });
      return Number(data.id);
    }
    await this.#request("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", {
      ...this.#repository,
      comment_id: id,
      body: `${marker}\n${text}`,
    });
    return id;
  }

  async #findComment(number: number, marker: string): Promise<number | undefined> {
    for (let page = 1; page <= MOST_PAGES; page++) {
      const { data } = await this.#request("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", {
        ...this.#repository,
        issue_number: number,
        per_page: 100,
        page,
      });
      const found = data.find(({ body }) => body?.startsWith(marker));
      if (found !== undefined) return Number(found.id);
      if (data.length < 100) return undefined;
    }
    return undefined;
  }
}

function pullOf(pull: Pull): PullRequest {
  const { number, html_url: url, state, merged_at, merge_commit_sha, head, merged_by } = pull;
  const merged = merged_at !== null;
  return {
    number,
    url,
    state: merged ? "merged" : state === "open" ? "open" : "closed",
    head: head.sha,
    // Before a merge it is the commit of a merge that GitHub tries.
    ...(merged && merge_commit_sha !== null && { mergeCommit: merge_commit_sha }),
    ...(merged && { mergedBy: merged_by?.login ?? "somebody" }),
  };
}
