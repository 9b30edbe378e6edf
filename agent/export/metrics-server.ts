import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { http } from "../../model/connection/http-modules.ts";
import { type ListenAddress, ListenError } from "../../model/listen-address.ts";

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Serves `/metrics` and `/healthz`.
 *
 * @returns the server and the port it got
 * @throws ListenError when the address cannot be had
 */
export async function serveMetrics(
  address: ListenAddress,
  page: () => string,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = http().createServer((request, response) => {
    const path = request.url?.split("?")[0];
    if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405, { allow: "GET, HEAD" }).end();
    else if (path === "/metrics") response.writeHead(200, { "content-type": CONTENT_TYPE }).end(page());
    else if (path === "/healthz") response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    else response.writeHead(404, { "content-type": "text/plain" }).end("metrics are at /metrics\n");
  });
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new ListenError("the agent's /metrics", address, error.code ?? error.message)),
    );
    server.listen(address.port, address.host, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}
