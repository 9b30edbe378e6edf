import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ListenError, parseListenAddress } from "../../model/listen-address.ts";
import { isSigned } from "./webhook-signature.ts";

/** GitHub's deliveries about pull requests have some ten thousand bytes. */
const MOST_BYTES = 1024 * 1024;
/** Deliveries that are remembered, so that none counts twice. */
const MOST_REMEMBERED = 10_000;
/** Seconds until a delivery is there in full: GitHub itself gives up after ten. */
const PATIENCE = 10;
/** What may mean that a pull request is not as it was. */
const OF_INTEREST = new Set(["pull_request", "pull_request_review", "push"]);

export interface WebhookListenerOptions {
  /** A loopback address; what reaches it from outside is a proxy's to say. */
  readonly listen: string;
  secret(): string;
  /** Something about pull requests has changed. A delivery is a hint to look: nothing that it says is believed. */
  changed(): void;
}

/**
 * Takes webhook deliveries of GitHub: only those that are signed with the secret, each once.
 *
 * @throws ListenError
 */
export async function listenForWebhooks(
  options: WebhookListenerOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const address = parseListenAddress(options.listen, "review.github.webhook.listen");
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    statusOf(request, options, seen)
      .catch(() => 400)
      .then((status) => {
        response.writeHead(status, { "content-length": 0, ...(status >= 400 && { connection: "close" }) });
        response.end();
      });
  });
  server.requestTimeout = PATIENCE * 1000;
  server.headersTimeout = PATIENCE * 1000;
  await listen(server, address);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function statusOf(
  request: IncomingMessage,
  { secret, changed }: WebhookListenerOptions,
  seen: Set<string>,
): Promise<number> {
  if (request.method !== "POST") return 405;
  const body = await bounded(request);
  if (body === undefined) return 413;
  const { headers } = request;
  const header = (name: string) => (typeof headers[name] === "string" ? headers[name] : undefined);
  if (!isSigned(body, header("x-hub-signature-256"), secret())) return 401;
  const delivery = header("x-github-delivery");
  const event = header("x-github-event");
  if (delivery === undefined || delivery.length > 100 || event === undefined) return 400;
  if (seen.has(delivery)) return 200;
  seen.add(delivery);
  if (seen.size > MOST_REMEMBERED) seen.delete(seen.values().next().value ?? "");
  if (OF_INTEREST.has(event)) changed();
  return 202;
}

/** The body, or nothing where it is too large. The stream is left as it is then, for the answer to be sent before the connection is closed. */
async function bounded(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"]) > MOST_BYTES) return undefined;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

function listen(server: Server, address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new ListenError("the listener for webhooks", address, error.code ?? error.message)),
    );
    server.listen(address.port, address.host, resolve);
  });
}
