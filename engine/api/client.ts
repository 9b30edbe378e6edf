import { type IncomingMessage, request } from "node:http";
import { type EngineControl, type EngineEvent, NotFound, Refused } from "./engine-control.port.ts";
import { answers } from "./server.ts";
import { socketPath } from "./socket-path.ts";

/** Milliseconds until an engine that has taken a request and does not answer counts as hung. */
const PATIENCE = 120_000;

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
  const get = <Value>(route: string) => call(path, patience, "GET", route) as Promise<Value>;
  const post = <Value>(route: string, body: unknown) => call(path, patience, "POST", route, body) as Promise<Value>;
  const part = encodeURIComponent;
  return {
    status: () => get("/v1/status"),
    forecast: (workload) => get(`/v1/workloads/${part(workload)}/forecast`),
    plan: (workload) => get(`/v1/workloads/${part(workload)}/plan`),
    changesets: (workload) =>
      get(workload === undefined ? "/v1/changesets" : `/v1/workloads/${part(workload)}/changesets`),
    changeset: (id) => get(`/v1/changesets/${part(id)}`),
    approve: (id, by) => post(`/v1/changesets/${part(id)}/approve`, { by }),
    reject: (id, by) => post(`/v1/changesets/${part(id)}/reject`, { by }),
    rollback: (id, by) => post(`/v1/changesets/${part(id)}/rollback`, { by }),
    apply: (id) => post(`/v1/changesets/${part(id)}/apply`, undefined),
    envelopes: () => get("/v1/envelopes"),
    approveEnvelope: (id, by) => post(`/v1/envelopes/${part(id)}/approve`, { by }),
    rejectEnvelope: (id, by) => post(`/v1/envelopes/${part(id)}/reject`, { by }),
    freeze: (freeze) => post("/v1/freeze", freeze),
    pin: (pin) => post("/v1/pin", pin),
    alerts: () => get("/v1/alerts"),
    quarantines: (workload) =>
      get(workload === undefined ? "/v1/quarantines" : `/v1/workloads/${part(workload)}/quarantines`),
    quarantine: (mark) => post("/v1/quarantines", mark),
    undoQuarantine: (id, by) => post(`/v1/quarantines/${part(id)}/undo`, { by }),
    report: (span) => post("/v1/report", span),
    unfreeze: (workload, by) => post("/v1/unfreeze", { workload, by }),
    follow: (listener, signal) => follow(path, listener, signal),
  };
}

async function call(path: string, patience: number, method: string, route: string, body?: unknown): Promise<unknown> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signal = AbortSignal.timeout(patience);
  let response: IncomingMessage;
  let answer: unknown;
  try {
    response = await send(path, method, route, text, signal);
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
  path: string,
  method: string,
  route: string,
  body?: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath: path, method, path: route, signal, headers: { "content-type": "application/json" } },
      resolve,
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) text += chunk;
  return text;
}

/** Resolves when the signal is aborted or the engine ends. */
async function follow(path: string, listener: (event: EngineEvent) => void, signal: AbortSignal): Promise<void> {
  try {
    const response = await send(path, "GET", "/v1/events", undefined, signal);
    response.setEncoding("utf8");
    let rest = "";
    for await (const chunk of response) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) listener(JSON.parse(line) as EngineEvent);
    }
  } catch (error) {
    if (!signal.aborted && (error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  }
}
