import type { AlertEvent } from "./alert.ts";
import type { AlertSink, SinkFigures } from "./alert-sink.port.ts";
import { type WebhookPayload, webhookPayload } from "./alertmanager-payload.ts";

/** Messages that wait; beyond it the oldest are dropped and counted. */
const MOST_WAITING = 100;
/** Times that a message is tried, with waits that double. */
const TRIES = 5;
const FIRST_WAIT = 1000;

export interface WebhookOptions {
  readonly url: string;
  /** Seconds until an answer. */
  readonly timeout: number;
  /** Told once when messages are lost, not for each. */
  readonly say: (text: string) => void;
  /** For tests. */
  readonly fetch?: typeof fetch;
  /** Milliseconds before the second try. */
  readonly firstWait?: number;
}

/**
 * Sends alerts to a webhook, one message after another, beside the ticks: `notify` only queues, and the queue is bounded. A receiver
 * that does not answer, or answers 429 or 5xx, is tried again a few times; any other refusal is final.
 */
export class Webhook implements AlertSink {
  readonly #options: WebhookOptions;
  readonly #stop = new AbortController();
  #queue: WebhookPayload[] = [];
  #sending: Promise<void> | undefined;
  #figures = { delivered: 0, failed: 0, dropped: 0 };

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  get figures(): SinkFigures {
    return { ...this.#figures, waiting: this.#queue.length };
  }

  notify(events: readonly AlertEvent[]): void {
    if (events.length === 0 || this.#stop.signal.aborted) return;
    this.#queue.push(webhookPayload(events));
    if (this.#queue.length > MOST_WAITING) {
      this.#queue.shift();
      this.#lost("dropped", "too many alerts wait for the webhook; the oldest are dropped");
    }
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Ends what is under way; what still waits is not sent. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#sending;
  }

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (this.#stop.signal.aborted) return;
      await this.#deliver(next);
    }
  }

  async #deliver(payload: WebhookPayload): Promise<void> {
    let failure = "";
    for (let attempt = 0, wait = this.#options.firstWait ?? FIRST_WAIT; attempt < TRIES; attempt++, wait *= 2) {
      if (attempt > 0) await this.#pause(wait);
      if (this.#stop.signal.aborted) return;
      const answer = await this.#post(payload);
      if (answer === undefined) {
        this.#figures.delivered++;
        return;
      }
      failure = answer.reason;
      if (answer.final) break;
    }
    this.#lost("failed", `an alert did not reach the webhook: ${failure}`);
  }

  /** @returns `undefined` when it was taken */
  async #post(payload: WebhookPayload): Promise<{ final: boolean; reason: string } | undefined> {
    const { url, timeout, fetch: send = fetch } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(Math.round(timeout * 1000))]);
    try {
      const { status, body } = await send(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "foreshadow" },
        body: JSON.stringify(payload),
        // A redirect could lead the alerts elsewhere than the project file says.
        redirect: "error",
        signal,
      });
      await body?.cancel();
      if (status >= 200 && status < 300) return undefined;
      return { final: status < 500 && status !== 429, reason: `it answered ${status}` };
    } catch (error) {
      return { final: false, reason: (error as Error).message };
    }
  }

  #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done);
    });
  }

  #lost(what: "failed" | "dropped", text: string): void {
    if (this.#figures[what]++ === 0) this.#options.say(text);
  }
}
