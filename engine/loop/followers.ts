import type { EngineEvent } from "../api/engine-control.port.ts";
import type { Clock } from "../clock.port.ts";

/** As many of the last alerts are kept. */
const KEPT = 50;
/** Seconds for which the same alert is not told again. */
const AGAIN = 900;

/** Those who watch the engine, and the last alerts for those who come later. */
export class Followers {
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #alerts: { readonly text: string; readonly id: string }[] = [];
  readonly #toldAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get alerts(): readonly string[] {
    return this.#alerts.map(({ text }) => text);
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /**
   * Tells what wants a person. The same text again and again is told once in a quarter of an hour, and kept once.
   *
   * @param id of what it is about, where more is to be told of that: the last text is kept
   */
  alert(text: string, workload?: string, id = text): void {
    const at = this.#clock.now();
    for (const [told, then] of this.#toldAt) if (!(Math.abs(at - then) < AGAIN)) this.#toldAt.delete(told);
    if (this.#toldAt.has(text)) return;
    this.#toldAt.set(text, at);
    this.#forget(id);
    this.#alerts.push({ text, id });
    this.#alerts.splice(0, this.#alerts.length - KEPT);
    this.emit({ type: "alert", workload, text, at });
  }

  /** Tells that what was told of is over. It is kept no longer. */
  over(text: string, workload: string, id: string): void {
    this.#forget(id);
    this.emit({ type: "alert", workload, text: `over: ${text}`, at: this.#clock.now() });
  }

  #forget(id: string): void {
    const at = this.#alerts.findIndex((one) => one.id === id);
    if (at >= 0) this.#alerts.splice(at, 1);
  }

  /** Tells what has happened and wants nobody. */
  note(text: string, workload?: string): void {
    this.emit({ type: "note", workload, text, at: this.#clock.now() });
  }

  /** Resolves when the signal is aborted. */
  follow(listener: (event: EngineEvent) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.#listeners.add(listener);
      signal.addEventListener("abort", () => {
        this.#listeners.delete(listener);
        resolve();
      });
    });
  }
}
