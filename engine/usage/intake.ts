import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ListenError, parseListenAddress } from "../../model/listen-address.ts";
import {
  type ExportMetricsServiceRequest,
  ExportMetricsServiceRequestSchema,
  ExportMetricsServiceResponseSchema,
  StatusSchema,
} from "../../model/otlp/generated/metrics_pb.ts";
import { decodeVectors } from "./decode-vectors.ts";
import { Refusal, readBody } from "./read-body.ts";
import type { UsageSink } from "./usage-sink.port.ts";

export interface IntakeOptions {
  /** Loopback address; default `127.0.0.1:4318`, OTLP/HTTP's own port. Port 0 lets the kernel choose. */
  readonly listen?: string;
  readonly sink: UsageSink;
  /** What `GET /metrics` shows, for Prometheus; without it there is no such page. */
  readonly metrics?: () => Promise<string>;
  /** Epoch seconds; default the clock. */
  readonly now?: () => number;
  /** Requests worked on at once; more are told to come back. Default 32. */
  readonly concurrent?: number;
}

/** What the intake took and refused since its start. */
export interface IntakeFigures {
  readonly requests: number;
  readonly vectors: number;
  readonly rejectedPoints: number;
  readonly refusedRequests: number;
}

export interface Intake {
  readonly port: number;
  figures(): IntakeFigures;
  /** Takes no new request, finishes those under way. */
  close(): Promise<void>;
}

const PROTOBUF = "application/x-protobuf";
const RETRY_AFTER_SECONDS = "1";
/** google.rpc.Code, as OTLP/HTTP's error bodies carry it. */
const CODE = { invalid: 3, exhausted: 8, internal: 13 } as const;

/**
 * Takes usage vectors by OTLP/HTTP with protobuf bodies (https://opentelemetry.io/docs/specs/otlp/#otlphttp), plain or gzip, at
 * `POST /v1/metrics`, and hands them to the sink. `GET /healthz` says whether it is there.
 *
 * @throws InputError when the address is not loopback; ListenError when it cannot be had
 */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const address = parseListenAddress(options.listen ?? "127.0.0.1:4318", "the intake's listen address");
  const handler = new Handler(options);
  const server = createServer((request, response) => void handler.handle(request, response));
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 1024;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new ListenError("the usage intake (OTLP/HTTP)", address, error.code ?? error.message)),
    );
    server.listen(address.port, address.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    figures: () => ({ ...handler.figures }),
    close: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

class Handler {
  readonly figures = { requests: 0, vectors: 0, rejectedPoints: 0, refusedRequests: 0 };
  readonly #sink: UsageSink;
  readonly #metrics: IntakeOptions["metrics"];
  readonly #now: () => number;
  readonly #concurrent: number;
  #active = 0;

  constructor({ sink, metrics, now = () => Date.now() / 1000, concurrent = 32 }: IntakeOptions) {
    this.#sink = sink;
    this.#metrics = metrics;
    this.#now = now;
    this.#concurrent = concurrent;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split("?")[0];
    if (path === "/healthz" && (request.method === "GET" || request.method === "HEAD"))
      return void response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    if (path === "/metrics" && request.method === "GET" && this.#metrics !== undefined)
      return void (await page(response, this.#metrics));
    if (path !== "/v1/metrics")
      return void response.writeHead(404, { "content-type": "text/plain" }).end("metrics are taken at /v1/metrics\n");
    this.figures.requests++;
    this.#active++;
    try {
      this.#admit(request);
      const body = await readBody(request);
      this.#accept(response, decode(body));
    } catch (error) {
      this.#refuse(request, response, error);
    } finally {
      this.#active--;
    }
  }

  #admit(request: IncomingMessage): void {
    if (request.method !== "POST") throw new Refusal(405, `use POST, not ${request.method}`);
    const type = request.headers["content-type"]?.split(";")[0].trim().toLowerCase();
    if (type !== PROTOBUF) throw new Refusal(415, `the content type must be ${PROTOBUF}, found ${type ?? "none"}`);
    if (this.#active > this.#concurrent) throw new Refusal(429, "too many requests are under way");
  }

  #accept(response: ServerResponse, request: ExportMetricsServiceRequest): void {
    const { vectors, rejected, reason } = decodeVectors(request, this.#now());
    if (vectors.length > 0) this.#sink.accept(vectors);
    this.figures.vectors += vectors.length;
    this.figures.rejectedPoints += rejected;
    const answer = create(
      ExportMetricsServiceResponseSchema,
      rejected === 0
        ? {}
        : { partialSuccess: { rejectedDataPoints: BigInt(rejected), errorMessage: reason?.slice(0, 500) } },
    );
    response.writeHead(200, { "content-type": PROTOBUF }).end(toBinary(ExportMetricsServiceResponseSchema, answer));
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    this.figures.refusedRequests++;
    if (response.headersSent || response.destroyed) return void response.destroy();
    const refusal = error instanceof Refusal ? error : new Refusal(500, "the vectors could not be taken");
    const { status, message } = refusal;
    const code = status === 429 ? CODE.exhausted : status === 500 ? CODE.internal : CODE.invalid;
    const headers: Record<string, string> = { "content-type": PROTOBUF };
    if (status === 429) headers["retry-after"] = RETRY_AFTER_SECONDS;
    if (status === 405) headers.allow = "POST";
    // The rest of the body is not read: the connection cannot serve another request.
    if (!request.complete) headers.connection = "close";
    response.writeHead(status, headers).end(toBinary(StatusSchema, create(StatusSchema, { code, message })));
  }
}

async function page(response: ServerResponse, metrics: () => Promise<string>): Promise<void> {
  try {
    const text = await metrics();
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
  } catch {
    response.writeHead(503, { "content-type": "text/plain" }).end("the figures could not be read\n");
  }
}

function decode(body: Uint8Array): ExportMetricsServiceRequest {
  try {
    return fromBinary(ExportMetricsServiceRequestSchema, body, { readUnknownFields: false });
  } catch (error) {
    throw new Refusal(400, `the body is not an ExportMetricsServiceRequest: ${(error as Error).message}`);
  }
}
