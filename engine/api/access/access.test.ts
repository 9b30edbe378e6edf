import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { recordingEngine } from "../api.fixture.ts";
import { createApp } from "../app.ts";
import { OPERATIONS } from "../operations/index.ts";
import { Gate } from "./gate.ts";
import { hasScope, type Scope } from "./principal.ts";
import { Sessions } from "./sessions.ts";
import { newToken, type StoredToken } from "./token.ts";

let now = 1_800_000_000;
const stored: StoredToken[] = [];
const engine = recordingEngine();
const sessions = new Sessions(() => randomBytes(32).toString("base64url"));
const records = {
  verifyLedger: async () =>
    ({ valid: true, entries: 0, problems: [], tail: "proven", anchoredTo: 0, unproven: 0 }) as const,
  settings: async () => [],
};
const gate = new Gate({
  tokens: () => stored,
  sessions,
  hosts: ["127.0.0.1", "localhost"],
  secure: false,
  proxy: true,
  now: () => now,
});
const server = createServer(getRequestListener(createApp({ engine, records, gate }).fetch));
let base = "";
/** Each request comes from an address of its own, so that no limit joins in where it is not looked for. */
let address = 0;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

function token(scope: Scope, { person = true, name = "ann", lifetime = 1000 } = {}): string {
  const made = newToken({ name, scopes: [scope], person, lifetime }, now, randomBytes);
  stored.push(made.stored);
  return made.token;
}

interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

async function ask(path: string, { method = "GET", token, headers, body }: Asked = {}) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      "x-forwarded-for": `10.0.0.${address++}`,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = /\/(problem\+)?json/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : undefined;
  return { status: response.status, json, text, headers: response.headers };
}

const BODIES: Record<string, unknown> = {
  freeze: { workload: "web" },
  pin: { workload: "web", min: 2, until: now + 60 },
  unfreeze: { workload: "web" },
  quarantine: { workload: "web", from: 1, reason: "load test" },
};
const QUERIES: Record<string, string> = { getReport: "?from=0&to=60" };
const ENDPOINTS = [
  ...OPERATIONS.map(({ id, method, path, scope, person }) => ({
    what: `${method} ${path}`,
    path: `/api/v1${path.replace(/\{\w+\}/, "x")}${QUERIES[id] ?? ""}`,
    method,
    scope,
    person,
    body: BODIES[id] ?? (method === "POST" ? {} : undefined),
  })),
  ...["/api/v1/ledger/export", "/metrics"].map((path) => {
    const scope: Scope = "read";
    return { what: `GET ${path}`, path, method: "GET", scope, person: undefined, body: undefined };
  }),
];

for (const { what, path, method, scope, person, body } of ENDPOINTS)
  test(`${what} is for ${person ? "a person" : "callers"} with ${scope}, and for nobody else`, async () => {
    const before = engine.calls.length;
    const expired = token(scope, { lifetime: -1 });
    const revoked = token(scope);
    stored[stored.length - 1] = { ...stored[stored.length - 1], revokedAt: now };
    for (const [wrong, status] of [
      [undefined, 401],
      ["fsh_wrong", 401],
      [`${token(scope).slice(0, -3)}AAA`, 401],
      [expired, 401],
      [revoked, 401],
      [token("agent"), 403],
    ] as const) {
      const answer = await ask(path, { method, token: wrong, body });
      assert.equal(answer.status, status, `${wrong}: ${answer.text}`);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal(answer.json.status, status);
    }
    for (const weak of (["read", "approve"] as const).filter((one) => !hasScope({ scopes: [one] }, scope)))
      assert.equal((await ask(path, { method, token: token(weak), body })).status, 403);
    if (person) assert.equal((await ask(path, { method, token: token(scope, { person: false }), body })).status, 403);
    assert.equal(engine.calls.length, before, "the engine was told nothing");
    const answer = await ask(path, { method, token: token(scope), body });
    assert.equal(answer.status, 200, answer.text);
  });

test("what is done is done under the name of the token, whatever the caller says", async () => {
  const robot = token("admin", { person: false, name: "robot" });
  const body = { workload: "web", from: 1, reason: "load test" };
  const headers = { "x-foreshadow-person": "ann" };
  await ask("/api/v1/quarantines", { method: "POST", token: robot, headers, body });
  assert.deepEqual(engine.calls.at(-1), ["quarantine", { ...body, by: "robot" }]);
  const forged = await ask("/api/v1/quarantines", { method: "POST", token: robot, body: { ...body, by: "ann" } });
  assert.equal(forged.status, 422);
});

test("whoever asked for a change does not approve it", async () => {
  const asked = engine.changeset;
  engine.changeset = async () => ({ requestedBy: "ann" }) as never;
  try {
    const path = "/api/v1/changesets/x/approve";
    const own = await ask(path, { method: "POST", token: token("approve"), body: {} });
    assert.equal(own.status, 403);
    assert.match(own.json.detail, /somebody else has to approve it/);
    assert.equal((await ask(path, { method: "POST", token: token("approve", { name: "bob" }), body: {} })).status, 200);
  } finally {
    engine.changeset = asked;
  }
});

test("a browser gets in by the code of a link, once, and its writes need what only its page knows", async () => {
  const { code } = sessions.issueCode({ name: "ann", scopes: ["admin"], person: true }, now);
  const entered = await ask("/api/v1/session", { method: "POST", body: { code } });
  assert.equal(entered.status, 200);
  assert.equal(entered.json.name, "ann");
  const cookie = entered.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^foreshadow=[\w-]{43};.*HttpOnly.*SameSite=Strict/);
  assert.equal((await ask("/api/v1/session", { method: "POST", body: { code } })).status, 401);
  const mine = { cookie: cookie.split(";")[0] };
  assert.equal((await ask("/api/v1/status", { headers: mine })).status, 200);
  const freeze = { method: "POST", body: { workload: "web" } };
  assert.equal((await ask("/api/v1/freeze", { ...freeze, headers: mine })).json.code, "csrf");
  const whole = { ...mine, "x-csrf-token": entered.json.csrf };
  assert.equal((await ask("/api/v1/freeze", { ...freeze, headers: whole })).status, 200);
  assert.equal((await ask("/api/v1/session", { method: "DELETE", headers: whole })).status, 204);
  assert.equal((await ask("/api/v1/status", { headers: mine })).status, 401);
});

test("a session ends with the token that it began with", async () => {
  const entered = await ask("/api/v1/session", { method: "POST", body: { token: token("read") } });
  const headers = { cookie: entered.headers.get("set-cookie")?.split(";")[0] ?? "" };
  assert.equal((await ask("/api/v1/status", { headers })).status, 200);
  stored[stored.length - 1] = { ...stored[stored.length - 1], revokedAt: now };
  const after = await ask("/api/v1/status", { headers });
  assert.equal(after.status, 401);
  assert.match(after.json.detail, /revoked/);
});

test("who guesses has to wait, and others do not", async () => {
  const guess = (from: string) => ask("/api/v1/status", { token: "fsh_guess", headers: { "x-forwarded-for": from } });
  for (let n = 0; n < 10; n++) assert.equal((await guess("192.0.2.1")).status, 401);
  const slowed = await guess("192.0.2.1");
  assert.equal(slowed.status, 429);
  assert.ok(Number(slowed.headers.get("retry-after")) >= 1);
  // What the client itself put before the proxy's own word does not help.
  assert.equal((await guess("203.0.113.9, 192.0.2.1")).status, 429);
  assert.equal((await guess("192.0.2.2")).status, 401);
  now += 10;
  assert.equal((await guess("192.0.2.1")).status, 401);
});

test("a request for another host is refused, and every answer forbids what a page need not do", async () => {
  const other = await new Promise<number>((resolve) => {
    import("node:http").then(({ get }) =>
      get(`${base}/healthz`, { headers: { host: "evil.example:9479" } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }),
    );
  });
  assert.equal(other, 421);
  const { headers } = await ask("/healthz");
  assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'; script-src 'self'/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(headers.get("x-frame-options"), "DENY");
});
