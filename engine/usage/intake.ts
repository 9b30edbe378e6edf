import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TlsMaterial } from "../../model/connection/tls-files.ts";
import { InputError } from "../../model/input-error.ts";
import { ListenError, parseOpenAddress } from "../../model/listen-address.ts";
import type { VectorAssembler } from "./mapping/assembler.ts";
import type { Bearers } from "./server/bearers.port.ts";
import { Handler, type IntakeFigures } from "./server/handler.ts";
import type { UsageSink } from "./usage-sink.port.ts";

export interface IntakeOptions {
  /** Default `127.0.0.1:4318`, OTLP/HTTP's own port. Port 0 lets the kernel choose. Beyond loopback only with TLS and tokens. */
  readonly listen?: string;
  /** Certificate, key, and the authorities of clients where those have to show a certificate. Read again once a minute. */
  readonly tls?: () => TlsMaterial;
  /** Without it nobody needs one. */
  readonly bearers?: Bearers;
  readonly sink: UsageSink;
  /** Workloads that vectors are taken of; default any. */
  readonly workloads?: ReadonlySet<string>;
  /** Makes vectors of what other measurers send; without it that is passed over. */
  readonly assembler?: VectorAssembler;
  /** Metrics that mean something to the assembler. */
  readonly names?: ReadonlySet<string>;
  /** What `GET /metrics` shows, for Prometheus; without it there is no such page. */
  readonly metrics?: () => Promise<string>;
  /** Told what a person should know. */
  readonly say?: (text: string) => void;
  /** Epoch seconds; default the clock. */
  readonly now?: () => number;
  /** Bytes of bodies that are held at once; more are told to come back. Default 64 MiB. */
  readonly memory?: number;
  /** Milliseconds for the head of a request, and for all of it. Default 10 s and 30 s. */
  readonly patience?: { readonly head: number; readonly request: number };
}

export interface Intake {
  readonly port: number;
  figures(): IntakeFigures;
  /** Takes no new request, finishes those under way. */
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 2048;
const HANDSHAKE_MS = 10_000;
const RELOAD_MS = 60_000;
const ASSEMBLE_MS = 500;

/**
 * Takes usage by OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp; protobuf or JSON, plain or gzip) at `POST /v1/metrics` and by
 * Prometheus' remote write at `POST /api/v1/write`, and hands vectors to the sink. `GET /healthz` says whether it is there.
 *
 * @throws InputError when the address is beyond loopback without TLS and tokens, or a file is not what it should be; ListenError when
 * it cannot be had
 */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { listen = "127.0.0.1:4318", tls, bearers, sink, assembler, patience } = options;
  const address = parseOpenAddress(listen, "the intake's listen address");
  if (!address.loopback && (tls === undefined || bearers === undefined))
    throw new InputError("intake.listen", [
      { path: "", expected: "a loopback address, or intake.tls and tokens besides", found: listen },
    ]);
  const now = options.now ?? (() => Date.now() / 1000);
  const handler = new Handler({ ...options, now });
  const serve = (request: IncomingMessage, response: ServerResponse) => void handler.handle(request, response);
  const limits = {
    headersTimeout: patience?.head ?? 10_000,
    requestTimeout: patience?.request ?? 30_000,
    connectionsCheckingInterval: Math.min(1000, patience?.head ?? 1000),
  };
  const server =
    tls === undefined ? createServer(limits, serve) : createTlsServer({ ...limits, ...secured(tls()) }, serve);
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new ListenError("the usage intake (OTLP/HTTP)", address, error.code ?? error.message)),
    );
    server.listen(address.port, address.host, resolve);
  });
  const timers: NodeJS.Timeout[] = [];
  const hand = (settle?: number) => {
    const vectors = assembler?.due(now(), settle) ?? [];
    if (vectors.length > 0) sink.accept(vectors);
  };
  if (assembler !== undefined) timers.push(setInterval(hand, ASSEMBLE_MS));
  if (tls !== undefined) timers.push(setInterval(() => reload(server as TlsServer, tls, options.say), RELOAD_MS));
  for (const timer of timers) timer.unref();
  return {
    port: (server.address() as AddressInfo).port,
    figures: () => ({ ...handler.figures, series: assembler?.series ?? 0 }),
    close: async () => {
      await close(server);
      for (const timer of timers) clearInterval(timer);
      hand(Number.NEGATIVE_INFINITY);
    },
  };
}

function secured(material: TlsMaterial) {
  const mutual = material.ca !== undefined && { requestCert: true, rejectUnauthorized: true };
  return { ...material, ...mutual, handshakeTimeout: HANDSHAKE_MS, minVersion: "TLSv1.2" as const };
}

/** Certificates are replaced while we run. */
function reload(server: TlsServer, tls: () => TlsMaterial, say: IntakeOptions["say"]): void {
  try {
    server.setSecureContext(tls());
  } catch (error) {
    say?.(`the intake goes on with the certificates that it has: ${(error as Error).message}`);
  }
}

function close(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
