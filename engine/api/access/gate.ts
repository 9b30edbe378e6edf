import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { ProblemError } from "../problem.ts";
import type { Principal } from "./principal.ts";
import { RateLimit } from "./rate-limit.ts";
import type { Session, Sessions } from "./sessions.ts";
import { checkToken, type StoredToken, standing, type TokenCheck } from "./token.ts";

/** Requests of one address at once, and a second; and attempts to get in that failed. */
const REQUESTS = [400, 100] as const;
const FAILURES = [10, 0.1] as const;

/** How a server lets callers in. */
export interface AccessOptions {
  readonly tokens: () => readonly StoredToken[];
  readonly sessions: Sessions;
  /** Names by which callers may call this server: another one is a trick of a page in somebody's browser (DNS rebinding). */
  readonly hosts: readonly string[];
  /** It is reached by TLS, by itself or by a proxy. */
  readonly secure: boolean;
  /** A proxy in front says who calls. */
  readonly proxy: boolean;
  /** Epoch seconds. */
  readonly now: () => number;
}

export interface Entered {
  readonly caller: Principal;
  readonly session?: Session;
}

/** What a request carries with it through the application. */
export interface ApiEnv {
  Bindings: HttpBindings;
  Variables: { entered: Entered };
}

type Request = Context<ApiEnv>;

/** Decides who calls, before anything is done. */
export class Gate {
  readonly options: AccessOptions;
  readonly #requests = new RateLimit(...REQUESTS);
  readonly #failures = new RateLimit(...FAILURES);

  constructor(options: AccessOptions) {
    this.options = options;
  }

  /** Cookie of the session. Browsers take one with this prefix only over TLS and for all of the site. */
  get cookie(): string {
    return this.options.secure ? "__Host-foreshadow" : "foreshadow";
  }

  /** @throws ProblemError where nobody is let in from there now */
  admit(context: Request): void {
    const host = hostOf(context.req.header("host"));
    if (!this.options.hosts.includes(host))
      throw new ProblemError({
        status: 421,
        title: "Another host",
        code: "wrong-host",
        detail: `expected a request for ${this.options.hosts.join(" or ")}, found one for ${host || "no host"}; name it in api.hosts`,
      });
    const address = this.#address(context);
    const now = this.options.now();
    slowDown(this.#requests.wait(address, now));
    this.#requests.take(address, now);
  }

  /**
   * Who calls, by bearer token or by the session of a browser, whose writes must say that they come from its own page.
   *
   * @throws ProblemError
   */
  enter(context: Request): Entered {
    const { authorization } = context.req.header() as { authorization?: string };
    const now = this.options.now();
    if (authorization !== undefined) {
      const [, token = ""] = /^bearer (\S+)$/i.exec(authorization) ?? [];
      return { caller: this.check(context, checkToken(token, this.options.tokens(), now)) };
    }
    const session = this.options.sessions.find(getCookie(context, this.cookie) ?? "", now);
    if (session === undefined) throw unauthorised("expected a bearer token or a session, found neither");
    const { token } = session.principal;
    const stored = token === undefined ? undefined : this.options.tokens().find(({ id }) => id === token);
    if (token !== undefined) this.check(context, stored === undefined ? { refused: "unknown" } : standing(stored, now));
    const reads = context.req.method === "GET" || context.req.method === "HEAD";
    if (!reads && context.req.header("x-csrf-token") !== session.csrf)
      throw new ProblemError({
        status: 403,
        title: "Not from the page",
        code: "csrf",
        detail: "expected the header x-csrf-token of this session, found none or another",
      });
    return { caller: session.principal, session };
  }

  /** Whom a token lets in; who fails often has to wait. @throws ProblemError */
  check(context: Request, check: TokenCheck): Principal {
    const address = this.#address(context);
    const now = this.options.now();
    slowDown(this.#failures.wait(address, now));
    if ("principal" in check) return check.principal;
    this.#failures.take(address, now);
    throw unauthorised(
      check.refused === "unknown"
        ? "neither a token of this engine nor a code that is new; `foreshadow web` makes a new link"
        : `the token of ${check.name} is ${check.refused}`,
    );
  }

  /** Whose link a code is of; as with tokens. @throws ProblemError */
  redeem(context: Request, code: string): Principal {
    const principal = this.options.sessions.redeem(code, this.options.now());
    return this.check(context, principal === undefined ? { refused: "unknown" } : { principal });
  }

  #address(context: Request): string {
    const direct = context.env.incoming.socket.remoteAddress ?? "";
    if (!this.options.proxy) return direct;
    // What the proxy added itself is last; what is before it, its client may have made up.
    return context.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() || direct;
  }
}

function unauthorised(detail: string): ProblemError {
  return new ProblemError({ status: 401, title: "Who calls?", code: "unauthorised", detail });
}

function slowDown(wait: number): void {
  if (wait === 0) return;
  const retryAfter = Math.ceil(wait);
  const detail = `too many requests; come back in ${retryAfter} s`;
  throw new ProblemError({ status: 429, title: "Too many requests", code: "too-many", detail, retryAfter });
}

/** The name in a Host header, without its port. */
function hostOf(header = ""): string {
  return header.toLowerCase().replace(/:\d+$/, "");
}
