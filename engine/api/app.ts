import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import { deleteCookie, setCookie } from "hono/cookie";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { PACKAGE } from "../package.ts";
import { Forbidden } from "./access/forbidden.ts";
import type { ApiEnv, Entered, Gate } from "./access/gate.ts";
import { hasScope, type Principal, type Scope } from "./access/principal.ts";
import { checkToken } from "./access/token.ts";
import type { ApiEngine, ApiRecords } from "./api-engine.port.ts";
import { eventQuery } from "./event-filter.ts";
import { streamEvents } from "./event-stream.ts";
import { OnceForKey } from "./idempotency.ts";
import { streamLedger } from "./ledger-export.ts";
import { openApi } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";
import { checked, ProblemError, problemOf } from "./problem.ts";
import { readJson } from "./read-json.ts";
import { servePage } from "./serve-page.ts";

const MOST_KEY = 255;

export interface AppOptions {
  readonly engine: ApiEngine;
  readonly records: ApiRecords;
  /** Who is let in. Without it whoever can connect is let in as a person with all scopes, under the name that they say: for a socket that the system guards. */
  readonly gate?: Gate;
  /** Makes a link by which a browser gets in; on the guarded socket only. @throws Refused where there is no page */
  readonly webLink?: (principal: Principal) => { readonly url: string; readonly expiresAt: number };
}

type Request = Context<ApiEnv>;

/** The API as an application of HTTP, whatever it is served on. */
export function createApp({ engine, records, gate, webLink }: AppOptions): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const once = new OnceForKey<unknown>();
  const document = openApi(OPERATIONS, PACKAGE.version);

  app.onError((error, context) => {
    const { retryAfter, ...problem } = problemOf(error);
    if (problem.status === 401) context.header("www-authenticate", "Bearer");
    if (retryAfter !== undefined) context.header("retry-after", String(retryAfter));
    context.header("content-type", "application/problem+json");
    context.header("cache-control", "no-store");
    return context.body(JSON.stringify({ type: "about:blank", ...problem }), problem.status);
  });
  app.notFound((context) => {
    const detail = `${context.req.method} ${context.req.path}; GET /api/v1/openapi.json tells what there is`;
    throw new ProblemError({ status: 404, title: "No such operation", code: "no-operation", detail });
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: "no-referrer",
      xFrameOptions: "DENY",
    }),
  );
  app.use(async (context, next) => {
    gate?.admit(context);
    await next();
  });
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", async (context) => {
    const { lastTick, running } = (await engine.summary()).engine;
    const ready = running && lastTick !== null;
    return context.text(ready ? "ok\n" : running ? "no tick yet\n" : "stopping\n", ready ? 200 : 503);
  });

  // Nothing but a browser wants it, and none reaches a socket.
  if (gate !== undefined) servePage(app);

  const api = new Hono<ApiEnv>();
  if (gate !== undefined) sessionOperations(api, gate);
  api.use(async (context, next) => {
    context.set("entered", enter(context));
    await next();
    context.header("cache-control", "private, no-cache");
  });
  api.get("/session", (context) => context.json(sessionView(context.get("entered"))));
  api.delete("/session", (context) => {
    const { session } = context.get("entered");
    if (session !== undefined && gate !== undefined) {
      gate.options.sessions.end(session.id);
      deleteCookie(context, gate.cookie, cookieOptions(gate));
    }
    return context.body(null, 204);
  });
  if (webLink !== undefined) api.post("/web-links", (context) => context.json(webLink(context.get("entered").caller)));
  api.get("/openapi.json", (context) => context.json(document));
  api.get("/events", (context) => {
    requireScope(context, "read");
    return streamEvents(engine, context, checked(eventQuery, context.req.query(), "query"));
  });
  api.get("/ledger/export", (context) => {
    requireScope(context, "read");
    return streamLedger(engine, context);
  });
  api.use(compress(), etag({ weak: true }));
  for (const one of OPERATIONS)
    api.on(one.method, one.path.replace(/\{\w+\}/g, ":id"), async (context) => {
      requireScope(context, one.scope, one.person);
      const answer =
        one.method === "GET"
          ? await run(context, one, {})
          : await runOnce(context, one, await readJson(context.req.raw));
      return context.json((answer ?? {}) as object);
    });
  app.route("/api/v1", api);
  app.get("/metrics", async (context) => {
    context.set("entered", enter(context));
    requireScope(context, "read");
    return context.text(await engine.metrics(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
  return app;

  function enter(context: Request): Entered {
    return gate === undefined ? { caller: onSocket(context) } : gate.enter(context);
  }

  function run(context: Request, one: Operation, body: unknown): Promise<unknown> {
    const { caller } = context.get("entered");
    const query = one.query === undefined ? {} : checked(one.query, context.req.query(), "query");
    const call = { engine, records, caller, id: context.req.param("id") ?? "", query, body };
    return one.run(call as never);
  }

  function runOnce(context: Request, one: Operation, sent: unknown): Promise<unknown> {
    const body = one.body === undefined ? {} : checked(one.body, sent, "body");
    const key = context.req.header("idempotency-key");
    if (key === undefined) return run(context, one, body);
    if (key === "" || key.length > MOST_KEY) {
      const detail = `expected an Idempotency-Key of 1 to ${MOST_KEY} characters, found ${key.length}`;
      throw new ProblemError({ status: 400, title: "Wrong key", code: "wrong-key", detail });
    }
    const { name } = context.get("entered").caller;
    const fingerprint = `${context.req.path}\n${JSON.stringify(body)}`;
    return once.run(`${name}\n${key}`, fingerprint, Date.now() / 1000, () => run(context, one, body));
  }
}

/** A session begins with a token, or with the code of a link. */
function sessionOperations(api: Hono<ApiEnv>, gate: Gate): void {
  const body = z.union([z.strictObject({ token: z.string().max(200) }), z.strictObject({ code: z.string().max(200) })]);
  api.post("/session", async (context) => {
    const sent = checked(body, await readJson(context.req.raw), "body");
    const { sessions, tokens, now } = gate.options;
    const principal =
      "token" in sent ? gate.check(context, checkToken(sent.token, tokens(), now())) : gate.redeem(context, sent.code);
    const session = sessions.begin(principal, now());
    setCookie(context, gate.cookie, session.id, cookieOptions(gate));
    context.header("cache-control", "no-store");
    return context.json(sessionView({ caller: principal, session }));
  });
}

function cookieOptions({ options: { secure } }: Gate) {
  return { httpOnly: true, sameSite: "Strict", secure, path: "/" } as const;
}

function sessionView({ caller: { name, person, scopes }, session }: Entered) {
  return { name, person, scopes, ...(session && { csrf: session.csrf, expiresAt: session.expiresAt }) };
}

/** Whoever reaches the socket is the user whose engine it is. */
function onSocket(context: Request): Principal {
  const name = context.req.header("x-foreshadow-person");
  return { name: name === undefined ? "socket" : decodeURIComponent(name), scopes: ["admin"], person: true };
}

function requireScope(context: Request, scope: Scope, person = false): void {
  const { caller } = context.get("entered");
  if (!hasScope(caller, scope))
    throw new Forbidden(
      `expected a caller with the scope ${scope}, found ${caller.name} with ${caller.scopes.join(", ")}`,
    );
  if (person && !caller.person)
    throw new Forbidden(
      `expected a person, found ${caller.name}, a program; \`foreshadow token create --person\` makes a person's token`,
    );
}
