import { setTimeout as sleep } from "node:timers/promises";
import type { Receiver } from "../../model/otlp/receiver.ts";
import { retryDelay } from "../../model/otlp/retry.ts";
import type { SinkFigures } from "../feedback/alert-sink.port.ts";
import { encodeSpans } from "./encode-spans.ts";
import type { Span, SpanSink } from "./span.port.ts";

/** Spans that wait; beyond it the oldest are dropped and counted. A decision that acts has about a dozen. */
const MOST_WAITING = 4096;
const MOST_AT_ONCE = 512;
/** Milliseconds that spans gather before they are sent. */
const GATHER_MS = 1000;
const TRIES = 5;
/** Milliseconds that the last spans may take when the engine ends. */
const LAST_MS = 3000;

export interface SpanExporterOptions {
  readonly receiver: Pick<Receiver, "deliver" | "close" | "origin">;
  readonly resource: Readonly<Record<string, string>>;
  readonly version: string;
  /** Told once when spans are lost, not for each. */
  readonly say: (text: string) => void;
  /** For tests: milliseconds in place of those above, and spans that may wait. */
  readonly gather?: number;
  readonly waiting?: number;
  /** Seconds before the next try after so many failures. */
  readonly delay?: (failures: number, asked: number | undefined) => number;
}

/**
 * Sends spans by OTLP/HTTP, beside everything else: `take` only queues, and the queue is bounded. What a receiver is not there for is tried again a few
 * times and then lost, and counted.
 */
export class SpanExporter implements SpanSink {
  readonly #options: SpanExporterOptions;
  readonly #stop = new AbortController();
  #queue: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;
  readonly #figures = { delivered: 0, failed: 0, dropped: 0 };

  constructor(options: SpanExporterOptions) {
    this.#options = options;
  }

  get figures(): SinkFigures {
    return { ...this.#figures, waiting: this.#queue.length };
  }

  take(span: Span): void {
    if (this.#closed) return;
    this.#queue.push(span);
    if (this.#queue.length > (this.#options.waiting ?? MOST_WAITING)) {
      this.#queue.shift();
      this.#lost("dropped", 1, "more spans than can be sent; the oldest are dropped");
    }
    this.#timer ??= setTimeout(() => this.#begin(), this.#options.gather ?? GATHER_MS).unref();
  }

  /** Sends what waits, if that is soon done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#begin();
    const last = sleep(LAST_MS, undefined, { ref: false }).then(() => this.#stop.abort());
    await Promise.race([this.#sending, last]);
    this.#stop.abort();
    this.#options.receiver.close();
    await this.#sending;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
      if (this.#queue.length > 0 && !this.#closed) this.#begin();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#stop.signal.aborted) await this.#send(this.#queue.splice(0, MOST_AT_ONCE));
    if (this.#queue.length > 0)
      this.#lost("failed", this.#queue.splice(0).length, "the engine ended before they were sent");
  }

  async #send(spans: readonly Span[]): Promise<void> {
    const { receiver, resource, version, delay } = this.#options;
    const wait = delay ?? ((failures, asked) => retryDelay(failures, asked, Math.random()));
    const bytes = encodeSpans(spans, resource, version);
    for (let failures = 1; ; failures++) {
      const delivery = await receiver.deliver(bytes);
      if (delivery.outcome === "taken") {
        this.#figures.delivered += spans.length - delivery.rejected;
        if (delivery.rejected > 0) this.#lost("failed", delivery.rejected, delivery.reason);
        return;
      }
      const given = delivery.outcome === "refused" || failures >= TRIES || this.#stop.signal.aborted;
      if (given) return this.#lost("failed", spans.length, delivery.reason);
      await sleep(1000 * wait(failures, delivery.wait), undefined, { ref: false, signal: this.#stop.signal }).catch(
        () => {},
      );
    }
  }

  #lost(what: "failed" | "dropped", count: number, reason: string): void {
    const first = this.#figures[what] === 0;
    this.#figures[what] += count;
    if (first) this.#options.say(`traces do not all reach ${this.#options.receiver.origin}: ${reason}`);
  }
}
