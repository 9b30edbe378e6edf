import type { Delivery, Receiver } from "../../model/otlp/receiver.ts";
import { retryDelay } from "../../model/otlp/retry.ts";
import type { Batch } from "./batch.ts";
import type { DiskBuffer } from "./disk-buffer.ts";

/** Below what receivers take in one request. */
const MOST_REQUEST_BYTES = 3 * 1024 * 1024;

export interface OtlpSenderOptions {
  readonly receiver: Pick<Receiver, "deliver" | "origin" | "close">;
  /** Vectors kept in memory. */
  readonly most: number;
  /** Where they go when the receiver does not take them; without it they stay in memory. */
  readonly disk?: DiskBuffer;
  readonly log: (line: string) => void;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Sends encoded vectors by OTLP/HTTP, in order. What cannot be delivered now is kept up to a bound and sent later; beyond it the oldest are
 * dropped and counted. A vector may come twice when the sender ends between its delivery and the note of it; receivers keep one.
 */
export class OtlpSender {
  readonly #receiver: OtlpSenderOptions["receiver"];
  readonly #most: number;
  readonly #disk: DiskBuffer | undefined;
  readonly #log: (line: string) => void;
  readonly #random: () => number;
  #queue: Batch[] = [];
  #queued = 0;
  #sending: Promise<void> | undefined;
  #failures = 0;
  #notBefore = 0;
  #down = false;
  #diskFailure = "";
  #dropped = 0;
  /** Data points that the receiver refused while it took the others. */
  rejected = 0;
  delivered = 0;

  constructor({ receiver, most, disk, log, random }: OtlpSenderOptions) {
    this.#receiver = receiver;
    this.#most = most;
    this.#disk = disk;
    this.#log = log;
    this.#random = random;
  }

  /** Vectors that wait. */
  get waiting(): number {
    return this.#queued + (this.#disk?.vectors ?? 0);
  }

  /** Vectors that were dropped since too many waited, or were refused for good. */
  get dropped(): number {
    return this.#dropped + (this.#disk?.dropped ?? 0);
  }

  /**
   * Queues a batch and sends what waits, unless that is under way or is to wait after a failure.
   *
   * @param now seconds of a monotonic clock
   */
  send(bytes: Buffer, vectors: number, now: number): void {
    this.#queue.push({ bytes, vectors });
    this.#queued += vectors;
    if (this.#down || this.#queued > this.#most) this.#putAside();
    while (this.#queued > this.#most && this.#queue.length > 1) this.#dropped += this.#takeFirst().vectors;
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
    for (let kept = this.#disk?.oldest(); kept !== undefined; kept = this.#disk?.oldest()) {
      const delivery = await this.#receiver.deliver(kept.bytes);
      if (delivery.outcome === "failed") return this.#failed(delivery, now);
      this.#disk?.delivered(kept.segment);
      this.#settle(delivery, kept.vectors);
    }
    while (this.#queue.length > 0) {
      const batch = this.#take();
      const vectors = batch.reduce((sum, part) => sum + part.vectors, 0);
      const parts = batch.map(({ bytes }) => bytes);
      const delivery = await this.#receiver.deliver(parts.length === 1 ? parts[0] : Buffer.concat(parts));
      if (delivery.outcome === "failed") {
        this.#queue.unshift(...batch);
        this.#queued += vectors;
        return this.#failed(delivery, now);
      }
      this.#settle(delivery, vectors);
    }
  }

  #take(): Batch[] {
    const batch = [this.#takeFirst()];
    let size = batch[0].bytes.length;
    while (this.#queue.length > 0 && size + this.#queue[0].bytes.length <= MOST_REQUEST_BYTES) {
      size += this.#queue[0].bytes.length;
      batch.push(this.#takeFirst());
    }
    return batch;
  }

  #takeFirst(): Batch {
    const first = this.#queue.shift()!;
    this.#queued -= first.vectors;
    return first;
  }

  #settle(delivery: Exclude<Delivery, { outcome: "failed" }>, vectors: number): void {
    const { origin } = this.#receiver;
    this.#failures = 0;
    this.#notBefore = 0;
    if (this.#down) this.#log(`the receiver at ${origin} is back; ${this.dropped} vectors were dropped so far`);
    this.#down = false;
    if (delivery.outcome === "refused") {
      this.#dropped += vectors;
      this.#log(`the receiver at ${origin} refuses vectors: ${delivery.reason}`);
      return;
    }
    this.delivered += vectors;
    if (delivery.rejected > 0 && this.rejected === 0)
      this.#log(`the receiver at ${origin} refused ${delivery.rejected} data points: ${delivery.reason}`);
    this.rejected += delivery.rejected;
  }

  #failed({ reason, wait }: Extract<Delivery, { outcome: "failed" }>, now: number): void {
    this.#notBefore = now + retryDelay(++this.#failures, wait, this.#random());
    const first = !this.#down;
    this.#down = true;
    if (first)
      this.#log(
        `the receiver at ${this.#receiver.origin} does not take vectors (${reason}); keeping ${this.#disk === undefined ? `the last ${this.#most}` : "them on disk"}`,
      );
    this.#putAside();
  }

  /** What waits goes to disk, where there is one; what cannot be written stays in memory. */
  #putAside(): void {
    while (this.#disk !== undefined && this.#queue.length > 0) {
      try {
        this.#disk.append(this.#queue[0]);
      } catch (error) {
        const { message } = error as Error;
        if (message !== this.#diskFailure)
          this.#log(`vectors cannot be kept on disk (${message}); keeping the last ${this.#most} in memory`);
        this.#diskFailure = message;
        return;
      }
      this.#diskFailure = "";
      this.#takeFirst();
    }
  }

  /** What waits is kept on disk for the next start, where there is one. */
  close(): void {
    this.#putAside();
    this.#disk?.close();
    this.#receiver.close();
  }
}
