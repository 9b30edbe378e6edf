import { Octokit } from "@octokit/core";
import { ReviewHostError } from "../orchestrator/change/review-host.port.ts";

/** Times that a request is tried, where trying it again cannot do anything twice. */
const TRIES = 3;
/** Seconds before the second try; doubled before the third. */
const FIRST_WAIT = 1;
/** Seconds that a request waits at most for a limit to pass; what takes longer is left to the next round. */
const LONGEST_WAIT = 5;
/** Seconds to keep away after a secondary limit that names no time: GitHub asks for a minute at least. */
const SECONDARY_WAIT = 60;
/** Seconds until an answer. */
const TIMEOUT = 10;
const API_VERSION = "2022-11-28";

export interface GitHubRequestOptions {
  /** Address of the REST API, `https://api.github.com` or `https://HOST/api/v3`. */
  readonly api: string;
  /** Asked before each request, so that a replaced token is taken up. */
  token(): string;
  /** Epoch seconds. */
  now(): number;
  /** @param seconds to wait; for tests */
  readonly sleep?: (seconds: number) => Promise<void>;
}

interface Answer {
  readonly status?: number;
  readonly message: string;
  readonly response?: { readonly headers: Readonly<Record<string, string | number | undefined>> };
}

/**
 * Octokit with bounded retries. GitHub's limits are kept: what it says of them in its headers holds for all later requests, and a request that
 * would have to wait longer than some seconds fails at once.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 *
 * Its requests throw ReviewHostError that names request, status and reason, and never the token.
 */
export function githubRequests({ api, token, now, sleep = pause }: GitHubRequestOptions): Octokit {
  const octokit = new Octokit({
    baseUrl: api.replace(/\/+$/, ""),
    userAgent: "foreshadow",
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  let closedUntil = 0;
  octokit.hook.wrap("request", async (request, options) => {
    const what = `${options.method} ${options.url}`;
    for (let attempt = 1; ; attempt++) {
      const wait = closedUntil - now();
      if (wait > LONGEST_WAIT)
        throw new ReviewHostError(`GitHub ${what}: its limit of requests is reached; again in ${Math.ceil(wait)} s`);
      if (wait > 0) await sleep(wait);
      const secret = token();
      try {
        const response = await request({
          ...options,
          headers: { ...options.headers, authorization: `Bearer ${secret}`, "x-github-api-version": API_VERSION },
          // A redirect could lead the token elsewhere than the project file says.
          request: { ...options.request, redirect: "error", signal: AbortSignal.timeout(TIMEOUT * 1000) },
        });
        closedUntil = limitOf(response.headers, now()) ?? closedUntil;
        return response;
      } catch (error) {
        const answer = error as Answer;
        const limited = limitOf(answer.response?.headers ?? {}, now(), answer);
        closedUntil = limited ?? closedUntil;
        if (attempt >= TRIES || !(limited !== undefined || mayTryAgain(options.method, answer)))
          throw new ReviewHostError(`GitHub ${what}: ${reasonOf(answer, secret)}`);
        if (limited === undefined) await sleep(FIRST_WAIT * 2 ** (attempt - 1));
      }
    }
  });
  return octokit;
}

/** Epoch seconds until which nothing may be asked, where the answer says so. */
function limitOf(
  headers: Readonly<Record<string, string | number | undefined>>,
  now: number,
  refused?: Answer,
): number | undefined {
  const refusal = refused?.status === 403 || refused?.status === 429;
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (refusal && after >= 0) return now + after;
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  if (Number(headers["x-ratelimit-remaining"] ?? Number.NaN) === 0 && reset > now) return reset;
  if (refused?.status === 429 || (refusal && /rate limit/i.test(refused.message))) return now + SECONDARY_WAIT;
  return undefined;
}

/** Whether the fault may pass and the request does nothing twice. */
function mayTryAgain(method: string, { status, response }: Answer): boolean {
  return method !== "POST" && (response === undefined || (status ?? 0) >= 500);
}

function reasonOf({ status, message, response }: Answer, secret: string): string {
  const said = message
    .replaceAll(secret, "…")
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, 300);
  return response === undefined ? `no answer: ${said}` : `${status}: ${said}`;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
