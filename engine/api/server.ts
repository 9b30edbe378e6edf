import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { type EngineControl, NotFound, Refused } from "./engine-control.port.ts";
import { matchRoute } from "./routes.ts";
import { socketPath } from "./socket-path.ts";

const MAX_BODY = 64 * 1024;

/** Errors as RFC 9457 problem details. */
interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/**
 * Serves the engine's API on the Unix socket of its store. Only the user who runs the engine can reach it: the socket has mode 0600
 * in a directory of mode 0700.
 *
 * @throws Error when another engine listens there
 */
export async function serveApi(
  engine: EngineControl,
  store: string,
): Promise<{ close(): Promise<void>; path: string }> {
  const { path, directory } = socketPath(store);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (existsSync(path)) {
    if (await answers(path)) throw new Error(`another engine answers on ${path}; stop it first, or use another store`);
    rmSync(path, { force: true });
  }
  const server = createServer((request, response) => {
    handle(engine, request, response).catch((error: unknown) => {
      if (!response.headersSent) problem(response, toProblem(error));
      else response.destroy();
    });
  });
  server.requestTimeout = 30_000;
  const mask = process.umask(0o177);
  try {
    await listen(server, path);
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600);
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Whether somebody accepts connections on the socket; a file without a listener is what a killed engine leaves. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function handle(engine: EngineControl, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://engine");
  if (request.method === "GET" && pathname === "/v1/events") return stream(engine, response);
  const match = matchRoute(request.method ?? "GET", pathname);
  if (match === undefined)
    return problem(response, { status: 404, title: "No such operation", detail: `${request.method} ${pathname}` });
  const { route, parameters } = match;
  let body: unknown;
  if (route.body !== undefined) {
    const parsed = route.body.safeParse(await readJson(request));
    if (!parsed.success)
      return problem(response, {
        status: 422,
        title: "Wrong body",
        detail: parsed.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`).join("; "),
      });
    body = parsed.data;
  }
  const result = await route.run(engine, parameters, body as never);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(result ?? {}));
}

/** One JSON object a line, for as long as the client listens. A client that does not read is dropped. */
function stream(engine: EngineControl, response: ServerResponse): Promise<void> {
  const stop = new AbortController();
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  response.on("close", () => stop.abort());
  return engine.follow((event) => {
    response.write(`${JSON.stringify(event)}\n`);
    if (response.writableLength > 4 * 1024 * 1024) response.destroy();
  }, stop.signal);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) throw new Refused(`expected a body of at most ${MAX_BODY} bytes, found more`);
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  } catch {
    throw new Refused("expected a body of JSON");
  }
}

function toProblem(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof NotFound) return { status: 404, title: "Not found", detail };
  if (error instanceof Refused) return { status: 409, title: "Refused", detail };
  return { status: 500, title: "The engine failed", detail };
}

function problem(response: ServerResponse, value: Problem): void {
  response.writeHead(value.status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify(value));
}
