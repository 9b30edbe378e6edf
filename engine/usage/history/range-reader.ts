import { setTimeout as sleep } from "node:timers/promises";
import type { AnsweredSeries, PrometheusServer } from "../pull/prometheus-server.ts";
import type { HistoryWindow } from "./usage-history.port.ts";

/** Fewer than the 11,000 instants of one question that Prometheus answers. */
const MOST_TICKS = 10_000;
/** A server that cannot answer for so short a stretch cannot at all. */
const LEAST_TICKS = 4;
const ATTEMPTS = 4;
/** A question that is too large: for us, or by a limit of the server. Status codes stand at the beginning of what a server says. */
const TOO_LARGE =
  /longer than|larger than|too many|too long|timed? ?out|timeout|no answer in|maximum resolution|limit|^(413|422|504)\b/i;
/** The server is busy, or on its way up or down. */
const PASSING = /^(429|500|502|503)\b|ECONNRESET|socket hang up/i;

export interface RangeReaderOptions {
  readonly server: Pick<PrometheusServer, "queryRange">;
  /** Questions that are open at a time. */
  readonly concurrency: number;
  /** Waits between attempts; tests need not. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Asks a server for expressions over windows of time, with a bound on how many questions are open. What is too much for one answer is
 * asked for in halves; what fails in passing is asked again.
 */
export class RangeReader {
  readonly #options: RangeReaderOptions;
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(options: RangeReaderOptions) {
    this.#options = options;
  }

  /**
   * The values of an expression at the end of each tick.
   *
   * @param take gets each series in pieces; `tick` is the number of a value's tick in the window
   * @throws Error that says what the server said
   */
  async read(
    expression: string,
    window: HistoryWindow,
    take: (labels: ReadonlyMap<string, string>, points: readonly (readonly [tick: number, value: number])[]) => void,
  ): Promise<void> {
    const ticks = Math.round((window.to - window.from) / window.step);
    for (let first = 0; first < ticks; first += MOST_TICKS)
      await this.#piece(expression, window, first, Math.min(ticks, first + MOST_TICKS), take);
  }

  async #piece(
    expression: string,
    window: HistoryWindow,
    first: number,
    end: number,
    take: Parameters<RangeReader["read"]>[2],
  ): Promise<void> {
    const { from, step } = window;
    let answer: AnsweredSeries[];
    try {
      answer = await this.#asked(expression, from + (first + 1) * step, from + end * step, step);
    } catch (error) {
      if (!TOO_LARGE.test((error as Error).message) || end - first <= LEAST_TICKS) throw error;
      const middle = Math.floor((first + end) / 2);
      await this.#piece(expression, window, first, middle, take);
      return this.#piece(expression, window, middle, end, take);
    }
    for (const { labels, values } of answer)
      take(
        labels,
        values.map(([at, value]) => [Math.round((at - from) / step) - 1, value] as const),
      );
  }

  async #asked(expression: string, first: number, last: number, step: number): Promise<AnsweredSeries[]> {
    const { server, concurrency, wait = sleep } = this.#options;
    for (let attempt = 1; ; attempt++) {
      while (this.#open >= concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#open++;
      try {
        return await server.queryRange(expression, { first, last, step });
      } catch (error) {
        if (attempt >= ATTEMPTS || !PASSING.test((error as Error).message)) throw error;
      } finally {
        this.#open--;
        this.#waiting.shift()?.();
      }
      await wait(250 * 2 ** attempt);
    }
  }
}
