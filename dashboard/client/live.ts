import type { LiveEvent } from "./contract.ts";

export type LiveState = "connecting" | "live" | "away";
type Listener = (event: LiveEvent | "again") => void;

/** Milliseconds until the first new try, and between tries at most. */
const [FIRST_TRY, LONGEST_WAIT] = [1000, 15_000];
const NAMES = ["tick", "changeset", "alert", "note"] as const;

/**
 * The engine's events, for as long as the page is open. A lost connection is tried again, with growing pauses; listeners hear `again` when it is back,
 * since what happened meanwhile was missed.
 */
export class Live {
  state: LiveState = "connecting";
  /** With whose ticks each hears. Ticks come one a workload: one that nobody listens for is not parsed. */
  readonly #listeners = new Map<Listener, string | null | undefined>();
  readonly #watchers = new Set<(state: LiveState) => void>();
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_TRY;
  #missed = false;

  start(): void {
    if (this.#source !== undefined) return;
    clearTimeout(this.#timer);
    const source = new EventSource("api/v1/events");
    this.#source = source;
    source.onopen = () => {
      this.#wait = FIRST_TRY;
      this.#become("live");
      if (this.#missed) for (const listener of [...this.#listeners.keys()]) listener("again");
      this.#missed = false;
    };
    source.onerror = () => {
      // Tried again by ourselves: a browser gives up for good after an answer that is no stream, as a proxy gives one.
      this.stop();
      this.#missed = true;
      this.#become("away");
      this.#timer = setTimeout(() => this.start(), this.#wait);
      this.#wait = Math.min(LONGEST_WAIT, this.#wait * 1.7);
    };
    for (const name of NAMES) source.addEventListener(name, ({ data }: MessageEvent<string>) => this.#hear(name, data));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  /** @param ticksOf whose ticks are heard: a workload's, `null` for nobody's, `undefined` for everybody's */
  listen(listener: Listener, ticksOf?: string | null): () => void {
    this.#listeners.set(listener, ticksOf);
    return () => this.#listeners.delete(listener);
  }

  watch(watcher: (state: LiveState) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #hear(name: (typeof NAMES)[number], data: string): void {
    let event: LiveEvent | undefined;
    for (const [listener, ticksOf] of this.#listeners) {
      if (name === "tick" && !mayConcern(data, ticksOf)) continue;
      event ??= JSON.parse(data) as LiveEvent;
      if (event.type === "tick" && ticksOf !== undefined && event.workload.name !== ticksOf) continue;
      listener(event);
    }
  }

  #become(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}

/** Whether a tick can be of a workload, by a look that costs less than parsing. */
function mayConcern(data: string, ticksOf: string | null | undefined): boolean {
  return ticksOf === undefined || (ticksOf !== null && data.includes(JSON.stringify(ticksOf)));
}

export const live = new Live();
