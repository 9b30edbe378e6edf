import { execFileSync } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { answerByGit } from "./git-http-backend.ts";
import type { OpenApi } from "./openapi.ts";

export const REPOSITORY = "acme/shop";

interface Pull {
  readonly number: number;
  readonly branch: string;
  readonly base: string;
  title: string;
  body: string;
  state: "open" | "closed";
  /** Where the branch stood at the end. */
  head?: string;
  merged?: { readonly commit: string; readonly by: string };
}

interface Comment {
  readonly id: number;
  readonly pull: number;
  body: string;
}

export interface GitHubServerOptions {
  /** Directory in which the bare repository `acme/shop.git` is. */
  readonly directory: string;
  readonly token: string;
  /** `/api/v3` of an Enterprise Server. */
  readonly prefix?: string;
  readonly api: OpenApi;
}

/** Something that goes wrong with the next request to the API. */
interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The part of GitHub that pull requests need, with state, over a real bare repository that it serves by git's own HTTP backend. Each request of
 * the API is checked with the description that GitHub publishes; what does not fit it is kept in `violations` and refused.
 */
export class GitHubServer {
  readonly violations: string[] = [];
  /** Requests of the API that were let in, as `POST /repos/{owner}/{repo}/pulls`. */
  readonly requests: string[] = [];
  /** Every body that came in. */
  readonly bodies: string[] = [];
  readonly faults: Fault[] = [];
  /** Creations that are still answered; the one after is carried out, or not, and the connection is cut. */
  cut: { creations: number; readonly carriedOut: boolean } | undefined;
  readonly pulls: Pull[] = [];
  readonly comments: Comment[] = [];
  /** Nothing is answered, neither API nor git. */
  down = false;
  readonly #options: GitHubServerOptions;
  readonly #server: Server;

  constructor(options: GitHubServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: Error) => {
        this.violations.push(`the server failed: ${error.stack}`);
        response.writeHead(500).end();
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get api(): string {
    return `${this.origin}${this.#options.prefix ?? ""}`;
  }

  get clone(): string {
    return `${this.origin}/${REPOSITORY}.git`;
  }

  git(...args: string[]): string {
    const identity = ["-c", "user.name=Octocat", "-c", "user.email=octocat@localhost"];
    return execFileSync("git", [...identity, ...args], {
      cwd: join(this.#options.directory, `${REPOSITORY}.git`),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trimEnd();
  }

  tip(branch: string): string | undefined {
    try {
      return this.git("rev-parse", "--quiet", "--verify", `refs/heads/${branch}`);
    } catch {
      return undefined;
    }
  }

  /** A person merges. A squash has the title alone as its message, as a repository may be set. */
  merge(number: number, how: "merge" | "squash" | "rebase", by: string): string {
    const pull = this.pull(number);
    const [head, base] = [this.tip(pull.branch)!, this.tip(pull.base)!];
    const tree = this.git("merge-tree", "--write-tree", base, head).split("\n")[0];
    let commit: string;
    if (how === "merge")
      commit = this.git("commit-tree", tree, "-p", base, "-p", head, "-m", `Merge pull request #${number}`);
    else if (how === "squash") commit = this.git("commit-tree", tree, "-p", base, "-m", `${pull.title} (#${number})`);
    else {
      commit = base;
      const list = this.git("rev-list", "--reverse", `${this.git("merge-base", base, head)}..${head}`).split("\n");
      for (const one of list) {
        const path = this.git("diff-tree", "--no-commit-id", "--name-only", "-r", one);
        const text = `${this.git("show", `${one}:${path}`)}\n`;
        commit = this.#commit(commit, path, text, this.git("log", "-1", "--format=%B", one));
      }
    }
    this.git("update-ref", `refs/heads/${pull.base}`, commit, base);
    Object.assign(pull, { head, state: "closed", merged: { commit, by } });
    return commit;
  }

  close(number: number): void {
    const pull = this.pull(number);
    Object.assign(pull, { head: this.tip(pull.branch), state: "closed" });
  }

  /** A person commits another text of a file on a branch. */
  edit(branch: string, path: string, change: (text: string) => string): string {
    const tip = this.tip(branch)!;
    const present = this.git("ls-tree", tip, "--", path) === "" ? "" : `${this.git("show", `${tip}:${path}`)}\n`;
    const commit = this.#commit(tip, path, change(present), "Other numbers");
    this.git("update-ref", `refs/heads/${branch}`, commit, tip);
    return commit;
  }

  pull(number: number): Pull {
    const pull = this.pulls[number - 1];
    if (pull === undefined) throw new RangeError(`no pull request ${number}`);
    return pull;
  }

  /** A commit that replaces one file of its parent. */
  #commit(parent: string, path: string, text: string, message: string): string {
    const run = (args: string[], input?: string) =>
      execFileSync("git", args, {
        cwd: join(this.#options.directory, `${REPOSITORY}.git`),
        encoding: "utf8",
        input,
        env: { ...process.env, GIT_INDEX_FILE: join(this.#options.directory, "index") },
      }).trim();
    const blob = run(["hash-object", "-w", "--stdin"], text);
    run(["read-tree", parent]);
    run(["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`]);
    return this.git("commit-tree", run(["write-tree"]), "-p", parent, "-m", message);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.down) return void request.socket.destroy();
    const url = new URL(request.url!, this.origin);
    if (url.pathname.startsWith(`/${REPOSITORY}.git/`)) {
      const basic = `Basic ${Buffer.from(`x-access-token:${this.#options.token}`).toString("base64")}`;
      if (request.headers.authorization !== basic) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
        return;
      }
      return answerByGit(this.#options.directory, request, response);
    }
    await this.#serveApi(request, response, url);
  }

  async #serveApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    this.bodies.push(text);
    const { prefix = "", token, api } = this.#options;
    const method = request.method!;
    const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
      response.end(JSON.stringify(body));
    };
    const refuse = (problem: string) => {
      this.violations.push(`${method} ${url.pathname}${url.search}: ${problem}`);
      answer(422, { message: problem });
    };
    if (!url.pathname.startsWith(`${prefix}/`)) return refuse(`expected a path below ${prefix}`);
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { message: "Bad credentials" });
    if (!request.headers["user-agent"]) return refuse("no user agent");
    if (request.headers["x-github-api-version"] !== "2022-11-28") return refuse("no version of the API");
    const body = text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>);
    const path = url.pathname.slice(prefix.length);
    const { template, problems } = api.check({ method, path, query: url.searchParams, body });
    if (template === undefined || problems.length > 0) return refuse(problems.join("; "));
    const fault = this.faults.shift();
    if (fault !== undefined) return answer(fault.status, { message: "Something is wrong" }, fault.headers);
    const cut = this.cut !== undefined && method === "POST" && this.cut.creations-- === 0 ? this.cut : undefined;
    if (cut?.carriedOut === false) return void request.socket.destroy();
    this.requests.push(`${method} ${template}`);
    const [status, result] = this.#carryOut(`${method} ${template}`, path, url.searchParams, body ?? {});
    if (cut !== undefined) return void request.socket.destroy();
    answer(status, result);
  }

  #carryOut(
    operation: string,
    path: string,
    query: URLSearchParams,
    body: Readonly<Record<string, unknown>>,
  ): [number, unknown] {
    const parts = path.split("/");
    const tooLong = [body.title, body.body].some((text) => typeof text === "string" && text.length > 65_536);
    if (tooLong) return [422, { message: "Validation Failed: is too long (maximum is 65536 characters)" }];
    switch (operation) {
      case "GET /repos/{owner}/{repo}/pulls": {
        const [, branch] = (query.get("head") ?? ":").split(":");
        const found = this.pulls.filter(
          (pull) =>
            pull.state === (query.get("state") ?? "open") && pull.branch === branch && pull.base === query.get("base"),
        );
        return [200, found.map((pull) => this.#shown(pull))];
      }
      case "POST /repos/{owner}/{repo}/pulls": {
        const { head: branch, base, title, body: text } = body as Record<"head" | "base" | "title" | "body", string>;
        if (this.tip(branch) === undefined) return [422, { message: "Validation Failed: head is invalid" }];
        if (this.pulls.some((pull) => pull.state === "open" && pull.branch === branch))
          return [422, { message: "Validation Failed: A pull request already exists" }];
        const pull: Pull = { number: this.pulls.length + 1, branch, base, title, body: text, state: "open" };
        this.pulls.push(pull);
        return [201, this.#shown(pull)];
      }
      case "GET /repos/{owner}/{repo}/pulls/{pull_number}":
        return [200, this.#shown(this.pull(Number(parts[5])))];
      case "PATCH /repos/{owner}/{repo}/pulls/{pull_number}": {
        const pull = this.pull(Number(parts[5]));
        if (body.state === "closed") this.close(pull.number);
        Object.assign(pull, body);
        return [200, this.#shown(pull)];
      }
      case "GET /repos/{owner}/{repo}/commits/{ref}":
        return [200, { sha: parts[5], author: { login: "octocat" }, commit: { author: { name: "Octocat" } } }];
      case "GET /repos/{owner}/{repo}/issues/{issue_number}/comments":
        return [200, this.comments.filter(({ pull }) => pull === Number(parts[5]))];
      case "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": {
        const comment = { id: this.comments.length + 1, pull: Number(parts[5]), body: body.body as string };
        this.comments.push(comment);
        return [201, comment];
      }
      case "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": {
        const comment = this.comments[Number(parts[6]) - 1];
        comment.body = body.body as string;
        return [200, comment];
      }
      default:
        return [501, { message: `${operation} is not simulated` }];
    }
  }

  #shown(pull: Pull) {
    const { number, branch, base, title, body, state, merged } = pull;
    return {
      number,
      html_url: `${this.origin}/${REPOSITORY}/pull/${number}`,
      state,
      title,
      body,
      merged_at: merged === undefined ? null : "2026-11-24T08:00:00Z",
      // Of an open pull request GitHub shows a commit of a merge that it tried.
      merge_commit_sha: merged?.commit ?? "0".repeat(40),
      merged_by: merged === undefined ? null : { login: merged.by },
      head: { ref: branch, sha: state === "open" ? this.tip(branch) : pull.head },
      base: { ref: base },
    };
  }
}
