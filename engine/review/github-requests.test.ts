import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { githubRequests } from "./github-requests.ts";

const SECRET = "ghp_canary";

describe("requests to GitHub", () => {
  let server: Server;
  /** Answers still to be given: status and headers, or a cut connection. */
  let answers: ([number, Record<string, string>?] | "cut")[] = [];
  let seen: string[] = [];
  let waits: number[] = [];
  let now = 1000;
  before(async () => {
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const answer = answers.shift() ?? [200];
      if (answer === "cut") return void request.socket.destroy();
      const [status, headers = {}] = answer;
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify({ message: `said ${SECRET}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());
  beforeEach(() => {
    [answers, seen, waits, now] = [[], [], [], 1000];
  });
  const requests = () =>
    githubRequests({
      api: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3/`,
      token: () => SECRET,
      now: () => now,
      sleep: async (seconds) => {
        waits.push(seconds);
        now += seconds;
      },
    });
  const get = (octokit = requests()) => octokit.request("GET /repos/{owner}/{repo}/pulls", { owner: "a", repo: "b" });
  const post = (octokit = requests()) =>
    octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      owner: "a",
      repo: "b",
      issue_number: 1,
      body: "x",
    });

  it("go to the address of the API, with its path", async () => {
    await get();
    assert.deepEqual(seen, [`GET /api/v3/repos/a/b/pulls Bearer ${SECRET}`]);
  });

  it("that read are tried three times, with waits that double", async () => {
    answers = [[502], "cut"];
    await get();
    assert.deepEqual([seen.length, waits], [3, [1, 2]]);
    answers = [[502], [502], [502], [502]];
    await assert.rejects(get(), { name: "ReviewHostError", message: /GET \/repos\/\{owner\}\/\{repo\}\/pulls: 502/ });
    assert.equal(seen.length, 6);
  });

  it("that create are not tried again: nobody knows whether they were carried out", async () => {
    answers = ["cut"];
    await assert.rejects(post(), { name: "ReviewHostError", message: /no answer/ });
    answers = [[500]];
    await assert.rejects(post(), { name: "ReviewHostError" });
    assert.equal(seen.length, 2);
  });

  it("that are refused are not tried again, and the token is not told", async () => {
    answers = [[401]];
    await assert.rejects(get(), (error: Error) => {
      assert.match(error.message, /401: said …/);
      assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}${error.cause}`, /canary/);
      return true;
    });
    assert.equal(seen.length, 1);
  });

  it("do not follow a redirect, which could take the token elsewhere", async () => {
    answers = [
      [302, { location: "/elsewhere" }],
      [302, { location: "/elsewhere" }],
      [302, { location: "/elsewhere" }],
    ];
    await assert.rejects(get(), { name: "ReviewHostError" });
    assert.ok(seen.every((one) => !one.includes("elsewhere")));
  });

  it("wait for a limit that passes soon, even where they create: it was not carried out", async () => {
    answers = [[429, { "retry-after": "3" }]];
    await post();
    assert.deepEqual([seen.length, waits], [2, [3]]);
  });

  it("fail at once while a limit lasts longer, and go on after it", async () => {
    const octokit = requests();
    answers = [[403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600" }]];
    await assert.rejects(get(octokit), { message: /its limit of requests is reached; again in 600 s/ });
    await assert.rejects(get(octokit), { message: /again in 600 s/ });
    assert.deepEqual([seen.length, waits], [1, []]);
    now = 1601;
    await get(octokit);
    assert.equal(seen.length, 2);
  });

  it("keep away before the limit is hit, when the last one is used up", async () => {
    const octokit = requests();
    answers = [[200, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1300" }]];
    await get(octokit);
    await assert.rejects(get(octokit), { message: /again in 300 s/ });
  });

  it("keep away for a minute from a secondary limit that names no time", async () => {
    answers = [[429]];
    const octokit = requests();
    await assert.rejects(get(octokit), { message: /again in 60 s/ });
  });
});
