import { createServer } from "node:http";
import { Server as NetServer } from "node:net";
import { join } from "node:path";
import { writeAtomic } from "./atomic-file.ts";
import type { WorkerReport } from "./status.ts";
import { parseDemand, perform } from "./work.ts";

/** Milliseconds that an idle kept-alive connection stays open; clients are told. */
const KEEP_ALIVE = 2000;
const REPORT_INTERVAL = 500;

/** One replica of the web service: a process that shares its port with the others of the pool. */
function main(): void {
  const runDirectory = demanded("FORESHADOW_POOL_DIR");
  const replica = Number(demanded("FORESHADOW_REPLICA"));
  const port = Number(demanded("FORESHADOW_PORT"));
  const counts = { requests: 0, failed: 0, inFlight: 0, bytesSent: 0 };
  let draining = false;

  const report = () => {
    const facts: WorkerReport = { pid: process.pid, replica, port, draining, ...counts };
    try {
      writeAtomic(join(runDirectory, "workers", `${replica}.json`), JSON.stringify(facts));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") process.exit(0); // the pool was deleted
      throw error;
    }
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE, requestTimeout: 60_000 }, async (request, response) => {
    if (draining) response.setHeader("Connection", "close");
    const url = new URL(request.url ?? "/", "http://pool");
    if (url.pathname === "/healthz") return response.end(draining ? "draining\n" : "ok\n");
    if (url.pathname === "/stats")
      return response.end(`${JSON.stringify({ pid: process.pid, replica, draining, ...counts })}\n`);
    const demand = url.pathname === "/work" ? parseDemand(url.searchParams) : `no such path: ${url.pathname}`;
    if (typeof demand === "string") return response.writeHead(url.pathname === "/work" ? 400 : 404).end(`${demand}\n`);
    counts.inFlight++;
    response.once("close", () => {
      counts.inFlight--;
      if (response.writableFinished && response.statusCode < 500) counts.requests++;
      else counts.failed++;
    });
    try {
      const body = await perform(demand, join(runDirectory, "volume"), replica);
      counts.bytesSent += body.byteLength;
      if (draining) response.setHeader("Connection", "close");
      response.setHeader("Content-Length", body.byteLength);
      response.end(body);
    } catch (error) {
      console.error(new Date().toISOString(), replica, error);
      const full = (error as NodeJS.ErrnoException).code === "ENOSPC";
      response.writeHead(full ? 507 : 500).end(`${full ? "the volume is full" : "the work failed; see workers.log"}\n`);
    }
  });

  const end = () => {
    report();
    process.exit(0);
  };
  const drain = () => {
    if (draining) return;
    draining = true;
    report();
    // Only the listener closes: http's own close() would also cut idle kept-alive connections while a request is on its way
    // on one. They get `Connection: close` with their next answer, or time out as announced.
    NetServer.prototype.close.call(server, end);
  };
  process.on("SIGTERM", drain);
  process.on("SIGINT", drain);
  server.listen({ port, host: demanded("FORESHADOW_ADDRESS"), reusePort: true, backlog: 1024 }, () => {
    report();
    let last = "";
    setInterval(() => {
      const now = `${counts.requests} ${counts.failed} ${counts.inFlight} ${draining}`;
      if (now !== last) report();
      last = now;
    }, REPORT_INTERVAL).unref();
  });
}

function demanded(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`expected the environment variable ${name}, which the supervisor sets`);
  return value;
}

main();
