import { type IncomingMessage, request } from "node:http";
import { type EngineControl, type EngineEvent, NotFound, Refused } from "./engine-control.port.ts";
import type { EventFilter } from "./event-filter.ts";
import type { Page } from "./page.ts";
import { socketPath } from "./socket-path.ts";
import { answers } from "./socket-server.ts";

/** Milliseconds until an engine that has taken a request and does not answer counts as hung. */
const PATIENCE = 120_000;
/** Before each happening: the engine writes each on one line. */
const DATA = "data: ";

/**
 * A client of the engine that runs on a store; `undefined` when none does.
 *
 * @param patience milliseconds after which a request is given up
 */
export async function connectEngine(store: string, patience = PATIENCE): Promise<EngineControl | undefined> {
  const { path } = socketPath(store);
  return (await answers(path)) ? client(path, patience) : undefined;
}

function client(path: string, patience: number): EngineControl {
  const ask = (route: string) => call({ path, patience, method: "GET", route });
  const get = <Value>(route: string) => ask(route) as Promise<Value>;
  const tell = <Value>(route: string, by: string | undefined, body: object = {}) =>
    call({ path, patience, method: "POST", route, by, body }) as Promise<Value>;
  const part = encodeURIComponent;
  /** All pages of a list. */
  const list = async <Item>(route: string, limit: number): Promise<Item[]> => {
    const items: Item[] = [];
    for (let next: string | null = "0"; next !== null; ) {
      const page: Page<Item> = await get(`${route}?limit=${limit}&cursor=${next}`);
      items.push(...page.items);
      next = page.next;
    }
    return items;
  };
  const ofWorkload = (workload: string | undefined, what: string) =>
    workload === undefined ? `/${what}` : `/workloads/${part(workload)}/${what}`;
  return {
    status: () => get("/status?workloads=true"),
    forecast: (workload) => get(`/workloads/${part(workload)}/forecast`),
    plan: (workload) => get(`/workloads/${part(workload)}/plan`),
    changesets: (workload) => list(ofWorkload(workload, "changesets"), 200),
    changeset: (id) => get(`/changesets/${part(id)}`),
    approve: (id, by) => tell(`/changesets/${part(id)}/approve`, by),
    reject: (id, by) => tell(`/changesets/${part(id)}/reject`, by),
    rollback: (id, by) => tell(`/changesets/${part(id)}/rollback`, by),
    apply: (id) => tell(`/changesets/${part(id)}/apply`, undefined),
    envelopes: () => list("/envelopes", 1000),
    approveEnvelope: (id, by) => tell(`/envelopes/${part(id)}/approve`, by),
    rejectEnvelope: (id, by) => tell(`/envelopes/${part(id)}/reject`, by),
    freeze: ({ by, ...freeze }) => tell("/freeze", by, freeze),
    pin: ({ by, ...pin }) => tell("/pin", by, pin),
    alerts: () => list("/alerts", 1000),
    quarantines: (workload) => list(ofWorkload(workload, "quarantines"), 1000),
    quarantine: ({ by, ...mark }) => tell("/quarantines", by, mark),
    undoQuarantine: (id, by) => tell(`/quarantines/${part(id)}/undo`, by),
    backfill: ({ by, ...request }) => tell("/backfills", by, request),
    backfills: () => list("/backfills", 100),
    report: ({ workload, from, to }) =>
      get(`/report?from=${from}&to=${to}${workload === undefined ? "" : `&workload=${part(workload)}`}`),
    unfreeze: (workload, by) => tell("/unfreeze", by, { workload }),
    follow: (listener, signal, filter) => follow(path, listener, signal, filter),
  };
}

/**
 * Asks the engine that runs on a store for a link by which a browser gets in, once and soon.
 *
 * @param by whom the link lets in
 * @returns undefined where no engine runs
 * @throws Refused where the engine serves no web page
 */
export async function askWebLink(
  store: string,
  by: string,
): Promise<{ readonly url: string; readonly expiresAt: number } | undefined> {
  const { path } = socketPath(store);
  if (!(await answers(path))) return undefined;
  const link = await call({ path, patience: PATIENCE, method: "POST", route: "/web-links", by });
  return link as { url: string; expiresAt: number };
}

interface Sent {
  /** The socket. */
  readonly path: string;
  readonly patience: number;
  readonly method: "GET" | "POST";
  /** Below `/api/v1`. */
  readonly route: string;
  readonly by?: string;
  readonly body?: object;
}

async function call(sent: Sent): Promise<unknown> {
  const { path, patience } = sent;
  const signal = AbortSignal.timeout(patience);
  let response: IncomingMessage;
  let answer: unknown;
  try {
    response = await send(sent, signal);
    answer = JSON.parse(await readAll(response));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`the engine on ${path} has not answered for ${patience / 1000} s; look at it, or stop it`);
  }
  if (response.statusCode === 200) return answer;
  const { detail } = answer as { detail: string };
  if (response.statusCode === 404) throw new NotFound(detail);
  if (response.statusCode === 409 || response.statusCode === 422) throw new Refused(detail);
  throw new Error(`the engine failed: ${detail}`);
}

function send(
  { path, method, route, by, body }: Pick<Sent, "path" | "method" | "route" | "by" | "body">,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: "localhost",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(by !== undefined && { "x-foreshadow-person": encodeURIComponent(by) }),
    };
    const outgoing = request({ socketPath: path, method, path: `/api/v1${route}`, signal, headers }, resolve);
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) text += chunk;
  return text;
}

/** Resolves when the signal is aborted or the engine ends. */
async function follow(
  path: string,
  listener: (event: EngineEvent) => void,
  signal: AbortSignal,
  { types, workload }: EventFilter = {},
): Promise<void> {
  const query = new URLSearchParams({ ...(types && { types: types.join() }), ...(workload && { workload }) });
  try {
    const response = await send({ path, method: "GET", route: `/events?${query}` }, signal);
    response.setEncoding("utf8");
    let rest = "";
    for await (const chunk of response) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith(DATA)) listener(JSON.parse(line.slice(DATA.length)) as EngineEvent);
    }
  } catch (error) {
    if (!signal.aborted && (error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  }
}
