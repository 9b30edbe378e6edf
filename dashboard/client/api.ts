import type { Session } from "./contract.ts";

/** What the engine refused or could not do, as it told it (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  /** The HTTP status; 0 where the engine could not be reached. */
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** Seconds until an answer is given up. */
const PATIENCE = 60;
let session: Session | undefined;
let lost: () => void = () => {};

/** Whose session writes are made in. */
export function useSession(present: Session | undefined): void {
  session = present;
}

/** Calls back when the engine no longer knows the session: it has expired, or the engine was started anew. */
export function onSessionLost(listener: () => void): void {
  lost = listener;
}

/** Reads `api/v1/PATH`, relative to the page. @throws ApiProblem */
export function get<Value>(path: string, signal?: AbortSignal): Promise<Value> {
  return call("GET", path, undefined, signal);
}

/** Tells the engine something. @throws ApiProblem */
export function post<Value>(path: string, body: unknown = {}): Promise<Value> {
  return call("POST", path, body);
}

export function logIn(proof: { readonly code: string } | { readonly token: string }): Promise<Session> {
  return call("POST", "session", proof);
}

export function logOut(): Promise<unknown> {
  return call("DELETE", "session");
}

async function call<Value>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Value> {
  const limit = AbortSignal.timeout(PATIENCE * 1000);
  let response: Response;
  try {
    response = await fetch(`api/v1/${path}`, {
      method,
      credentials: "same-origin",
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(method !== "GET" && session !== undefined && { "x-csrf-token": session.csrf }),
        ...(method === "POST" && path !== "session" && { "idempotency-key": newKey() }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem(0, limit.aborted ? `No answer within ${PATIENCE} s.` : "The engine cannot be reached.");
  }
  const text = await response.text();
  if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as Value;
  if (response.status === 401 && path !== "session") lost();
  throw new ApiProblem(response.status, problemText(text) ?? `The engine answered ${response.status}.`);
}

function problemText(text: string): string | undefined {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
    return detail ?? title;
  } catch {
    return undefined;
  }
}

/** Random, without `crypto.randomUUID`, which only secure contexts have. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
