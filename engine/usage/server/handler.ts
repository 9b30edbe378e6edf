import type { IncomingMessage, ServerResponse } from "node:http";
import type { VectorAssembler } from "../mapping/assembler.ts";
import type { Sample } from "../mapping/sample.ts";
import { decodeJson, decodeProtobuf } from "../otlp/decode-request.ts";
import { decodeVectors } from "../otlp/decode-vectors.ts";
import { otlpSamples } from "../otlp/otlp-samples.ts";
import { decodeWrite, decodeWrite2, TooMuch } from "../remote-write/decode-write.ts";
import type { UsageSink } from "../usage-sink.port.ts";
import { answerJson, answerProtobuf, answerText, type Refuse } from "./answers.ts";
import type { Bearers } from "./bearers.port.ts";
import { Hosts } from "./hosts.ts";
import { BodyMemory, withBody } from "./read-body.ts";
import { Refusal } from "./refusal.ts";

/** What the intake took and refused since its start. */
export interface IntakeFigures {
  readonly requests: number;
  /** Vectors that came whole. */
  readonly vectors: number;
  /** Samples of other measurers that told something. */
  readonly samples: number;
  /** Data points and samples that were refused while what came with them was taken. */
  readonly rejectedPoints: number;
  readonly refusedRequests: number;
  /** Series of other measurers that are followed. */
  readonly series: number;
}

export interface HandlerOptions {
  readonly sink: UsageSink;
  readonly bearers?: Bearers;
  readonly workloads?: ReadonlySet<string>;
  readonly assembler?: VectorAssembler;
  readonly names?: ReadonlySet<string>;
  readonly metrics?: () => Promise<string>;
  readonly now: () => number;
  readonly memory?: number;
}

const BEARER = /^Bearer +(\S{1,4096})$/i;
const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
const WRITE_2 = "io.prometheus.write.v2.Request";
const DEFAULT_MEMORY = 64 * 1024 * 1024;
const NONE: ReadonlySet<string> = new Set();

/** How a request says what it is and how it is answered. */
interface Way {
  readonly encodings: readonly string[];
  readonly refuse: Refuse;
  take(body: Uint8Array, response: ServerResponse, sender: string): void;
}

/** Answers the requests of the intake. */
export class Handler {
  readonly figures = { requests: 0, vectors: 0, samples: 0, rejectedPoints: 0, refusedRequests: 0 };
  readonly #options: HandlerOptions;
  readonly #hosts: Hosts;
  readonly #memory: BodyMemory;

  constructor(options: HandlerOptions) {
    this.#options = options;
    this.#hosts = new Hosts(options.workloads);
    this.#memory = new BodyMemory(options.memory ?? DEFAULT_MEMORY);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split("?")[0];
    const { metrics } = this.#options;
    const reads = request.method === "GET" || request.method === "HEAD";
    if (path === "/healthz" && reads) return void response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    if (path === "/metrics" && reads && metrics !== undefined)
      return void (await this.#page(request, response, metrics));
    if (path !== "/v1/metrics" && path !== "/api/v1/write")
      return void response
        .writeHead(404, { "content-type": "text/plain" })
        .end("OTLP is taken at /v1/metrics, Prometheus' remote write at /api/v1/write\n");
    this.figures.requests++;
    const written = path === "/api/v1/write";
    let refuse: Refuse = written ? answerText : answerProtobuf;
    try {
      const way = written ? this.#written(request) : this.#otlp(request);
      ({ refuse } = way);
      if (request.method !== "POST") throw new Refusal(405, `use POST, not ${request.method}`);
      this.#admit(request, "agent");
      const sender = request.socket.remoteAddress ?? "unknown";
      await withBody(request, way.encodings, this.#memory, (body) => way.take(body, response, sender));
    } catch (error) {
      this.#refuse(request, response, error, refuse);
    }
  }

  #admit(request: IncomingMessage, scope: "agent" | "read"): void {
    const { bearers } = this.#options;
    if (bearers === undefined) return;
    const token = BEARER.exec(request.headers.authorization ?? "")?.[1];
    const known = token === undefined ? "unknown" : bearers.check(token, scope);
    if (known === "unknown") throw new Refusal(401, "a bearer token that is known here is needed");
    if (known === "other") throw new Refusal(403, `a token of the scope ${scope} is needed`);
  }

  #otlp(request: IncomingMessage): Way {
    const encodings = ["identity", "gzip"];
    const [type] = typeOf(request);
    if (type === PROTOBUF) {
      const take: Way["take"] = (body, response, sender) => {
        answerProtobuf.taken(response, this.#takeOtlp(decodeProtobuf(body), sender));
      };
      return { encodings, refuse: answerProtobuf, take };
    }
    if (type === JSON_TYPE) {
      const take: Way["take"] = (body, response, sender) => {
        answerJson.taken(response, this.#takeOtlp(decodeJson(body), sender));
      };
      return { encodings, refuse: answerJson, take };
    }
    if (request.method !== "POST") throw new Refusal(405, `use POST, not ${request.method}`);
    throw new Refusal(
      415,
      `the content type must be ${PROTOBUF} or ${JSON_TYPE}, found ${type.slice(0, 100) || "none"}`,
    );
  }

  #takeOtlp(request: ReturnType<typeof decodeProtobuf>, sender: string): { rejected: number; reason?: string } {
    const { sink, assembler, names = NONE } = this.#options;
    const now = this.#options.now();
    const { vectors, rejected, reason } = decodeVectors(request, now, (workload, host) =>
      this.#hosts.refusal(workload, host, now),
    );
    if (vectors.length > 0) sink.accept(vectors);
    this.figures.vectors += vectors.length;
    this.figures.rejectedPoints += rejected;
    const others = assembler === undefined ? undefined : this.#takeSamples(otlpSamples(request, names), sender);
    return { rejected: rejected + (others?.rejected ?? 0), reason: reason ?? others?.reason };
  }

  #takeSamples(samples: Iterable<Sample>, sender: string): { rejected: number; reason?: string } {
    const taken = this.#options.assembler?.take(samples, sender, this.#options.now());
    this.figures.samples += taken?.used ?? 0;
    this.figures.rejectedPoints += taken?.refused ?? 0;
    return { rejected: taken?.refused ?? 0, reason: taken?.reason };
  }

  #written(request: IncomingMessage): Way {
    const [type, parameters] = typeOf(request);
    const second = parameters.includes(WRITE_2);
    const take: Way["take"] = (body, response, sender) => {
      const { samples, count } = (second ? decodeWrite2 : decodeWrite)(body, this.#options.names ?? NONE);
      // What is refused would be refused again: the sender is not told to repeat it.
      const { rejected, reason } = this.#takeSamples(samples, sender);
      const headers = { "x-prometheus-remote-write-samples-written": count - rejected };
      answerText.taken(response, rejected === 0 ? undefined : `${rejected} samples were refused: ${reason}`, headers);
    };
    if (type !== PROTOBUF && request.method === "POST")
      throw new Refusal(415, `the content type must be ${PROTOBUF}, found ${type.slice(0, 100) || "none"}`);
    return { encodings: ["snappy"], refuse: answerText, take };
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown, refuse: Refuse): void {
    this.figures.refusedRequests++;
    if (response.headersSent || response.destroyed) return void response.destroy();
    refuse(response, refusalOf(error), !request.complete);
  }

  async #page(request: IncomingMessage, response: ServerResponse, metrics: () => Promise<string>): Promise<void> {
    try {
      this.#admit(request, "read");
      const text = await metrics();
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(503, "the figures could not be read");
      answerText(response, refusal, false);
    }
  }
}

/** The content type without its parameters, and those. */
function typeOf(request: IncomingMessage): [string, string] {
  const [type, ...parameters] = (request.headers["content-type"] ?? "").split(";");
  return [type.trim().toLowerCase(), parameters.join(";")];
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof TooMuch) return new Refusal(413, `${error.message} in one request; send less at once`);
  if (error instanceof SyntaxError || error instanceof RangeError || isOfWire(error))
    return new Refusal(400, `the body is not a write request: ${(error as Error).message.slice(0, 200)}`);
  return new Refusal(500, "the vectors could not be taken");
}

/** Protobuf's reader throws plain errors. */
function isOfWire(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error;
}
