import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { fromBinary } from "@bufbuild/protobuf";
import { ExportMetricsServiceResponseSchema, StatusSchema } from "../../model/otlp/generated/metrics_pb.ts";

/** OTLP/HTTP's answers after which the same request may be sent again; after any other it would fail again. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const TIMEOUT_SECONDS = 5;
const MOST_WAIT_SECONDS = 15;
const MOST_ANSWER_BYTES = 64 * 1024;
/** Below what receivers take in one request. */
const MOST_REQUEST_BYTES = 3 * 1024 * 1024;

interface Batch {
  readonly bytes: Buffer;
  readonly vectors: number;
}

/**
 * Sends encoded vectors by OTLP/HTTP. What cannot be delivered now is kept in memory up to a bound and sent later; beyond it
 * the oldest are dropped and counted.
 */
export class OtlpSender {
  readonly #url: URL;
  readonly #most: number;
  readonly #log: (line: string) => void;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #queue: Batch[] = [];
  #queued = 0;
  #sending: Promise<void> | undefined;
  #failures = 0;
  #notBefore = 0;
  #down = false;
  /** Vectors that were dropped since too many waited, or were refused for good. */
  dropped = 0;
  /** Data points that the receiver refused while it took the others. */
  rejected = 0;
  delivered = 0;

  /**
   * @param endpoint without the path, `http://127.0.0.1:4318`
   * @param most vectors kept
   * @throws TypeError when the endpoint is not an http URL
   */
  constructor(endpoint: string, most: number, log: (line: string) => void) {
    const url = new URL(endpoint);
    if (url.protocol !== "http:")
      throw new TypeError(`the OTLP endpoint must be an http URL such as http://127.0.0.1:4318, found ${endpoint}`);
    this.#url = new URL(`${url.pathname.replace(/\/$/, "")}/v1/metrics`, url);
    this.#most = most;
    this.#log = log;
  }

  /** Vectors that wait. */
  get waiting(): number {
    return this.#queued;
  }

  /** Queues a batch and sends what waits, unless that is under way or is to wait after a failure. */
  send(bytes: Buffer, vectors: number, now: number): void {
    this.#queue.push({ bytes, vectors });
    this.#queued += vectors;
    while (this.#queued > this.#most && this.#queue.length > 1) {
      const oldest = this.#queue.shift()!;
      this.#queued -= oldest.vectors;
      this.dropped += oldest.vectors;
    }
    if (this.#sending === undefined && now >= this.#notBefore) void this.flush(now);
  }

  /** Sends what waits, one request at a time; returns when it is delivered or delivery failed. */
  flush(now: number): Promise<void> {
    this.#sending ??= this.#deliver(now).finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #deliver(now: number): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#take();
      const outcome = await this.#post(Buffer.concat(batch.map(({ bytes }) => bytes))).catch(
        (error: NodeJS.ErrnoException) => ({ again: true, reason: error.code ?? error.message, wait: undefined }),
      );
      const vectors = batch.reduce((sum, part) => sum + part.vectors, 0);
      if (outcome === undefined) this.#succeeded(vectors);
      else if (outcome.again) {
        this.#putBack(batch, vectors);
        this.#failed(outcome.reason, outcome.wait, now);
        return;
      } else {
        this.dropped += vectors;
        this.#log(`the receiver at ${this.#url.origin} refuses vectors: ${outcome.reason}`);
      }
    }
  }

  #take(): Batch[] {
    let size = 0;
    let count = 0;
    for (const { bytes } of this.#queue) {
      size += bytes.length;
      if (count > 0 && size > MOST_REQUEST_BYTES) break;
      count++;
    }
    const batch = this.#queue.splice(0, count);
    for (const { vectors } of batch) this.#queued -= vectors;
    return batch;
  }

  #putBack(batch: readonly Batch[], vectors: number): void {
    this.#queue.unshift(...batch);
    this.#queued += vectors;
  }

  #succeeded(vectors: number): void {
    this.delivered += vectors;
    this.#failures = 0;
    this.#notBefore = 0;
    if (this.#down)
      this.#log(`the receiver at ${this.#url.origin} is back; ${this.dropped} vectors were dropped so far`);
    this.#down = false;
  }

  #failed(reason: string, wait: number | undefined, now: number): void {
    this.#failures++;
    this.#notBefore = now + Math.min(wait ?? 2 ** (this.#failures - 1), MOST_WAIT_SECONDS);
    if (this.#down) return;
    this.#down = true;
    this.#log(`the receiver at ${this.#url.origin} does not take vectors (${reason}); keeping the last ${this.#most}`);
  }

  /** Undefined when it was taken. */
  async #post(body: Buffer): Promise<{ again: boolean; reason: string; wait: number | undefined } | undefined> {
    const { status, headers, answer } = await post(this.#url, body, this.#agent);
    if (status === 200) {
      this.#countRejected(answer);
      return undefined;
    }
    const wait = Number(headers["retry-after"]);
    return {
      again: RETRYABLE.has(status),
      reason: `${status} ${statusMessage(answer)}`.trim(),
      wait: Number.isFinite(wait) && wait > 0 ? wait : undefined,
    };
  }

  #countRejected(answer: Buffer): void {
    try {
      const { partialSuccess } = fromBinary(ExportMetricsServiceResponseSchema, answer);
      const rejected = Number(partialSuccess?.rejectedDataPoints ?? 0n);
      if (rejected > 0 && this.rejected === 0)
        this.#log(
          `the receiver at ${this.#url.origin} refused ${rejected} data points: ${partialSuccess?.errorMessage}`,
        );
      this.rejected += rejected;
    } catch {
      // An answer that is not OTLP's, with a status that says it was taken.
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

function statusMessage(answer: Buffer): string {
  try {
    return fromBinary(StatusSchema, answer).message.slice(0, 300);
  } catch {
    return "";
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly answer: Buffer;
}

function post(url: URL, body: Buffer, agent: Agent): Promise<Answer> {
  const options: RequestOptions = {
    method: "POST",
    agent,
    headers: { "content-type": "application/x-protobuf", "content-length": body.length },
    timeout: TIMEOUT_SECONDS * 1000,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, options, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on("data", (part: Buffer) => {
        size += part.length;
        if (size <= MOST_ANSWER_BYTES) parts.push(part);
        else request.destroy(new Error("the answer is too long"));
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, answer: Buffer.concat(parts) }),
      );
    });
    request.on("timeout", () => request.destroy(new Error(`no answer in ${TIMEOUT_SECONDS} s`)));
    request.on("error", reject);
    request.end(body);
  });
}
