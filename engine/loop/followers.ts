import type { EngineEvent } from "../api/engine-control.port.ts";
import type { Clock } from "../clock.port.ts";

/** As many of the last alerts are kept. */
const KEPT = 50;

/** Those who watch the engine, and the last alerts for those who come later. */
export class Followers {
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #alerts: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get alerts(): readonly string[] {
    return this.#alerts;
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The same alert again and again is told each time and kept once. */
  alert(text: string, workload?: string): void {
    if (this.#alerts.at(-1) !== text) this.#alerts.push(text);
    this.#alerts.splice(0, this.#alerts.length - KEPT);
    this.emit({ type: "alert", workload, text, at: this.#clock.now() });
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
