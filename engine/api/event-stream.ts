import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { ApiEngine } from "./api-engine.port.ts";
import type { EngineEvent } from "./engine-control.port.ts";
import type { EventFilter } from "./event-filter.ts";

/** Happenings that may wait for a client that does not read; then it is dropped, and comes back to what is so then. */
const MOST_WAITING = 50_000;
/** Milliseconds between two signs of life, so that proxies keep the connection. */
const HEARTBEAT = 15_000;

/**
 * What happens in an engine and the filter lets through, as server-sent events, one a happening, for as long as the client listens
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 */
export function streamEvents(engine: Pick<ApiEngine, "follow">, context: Context, filter: EventFilter): Response {
  context.header("x-accel-buffering", "no");
  return streamSSE(context, async (stream) => {
    const stop = new AbortController();
    const waiting: EngineEvent[] = [];
    let wake = () => {};
    const following = engine.follow(
      (event) => {
        waiting.push(event);
        if (waiting.length > MOST_WAITING) stop.abort();
        wake();
      },
      stop.signal,
      filter,
    );
    stream.onAbort(() => stop.abort());
    stop.signal.addEventListener("abort", () => wake());
    const beat = setInterval(() => void stream.write(":\n\n"), HEARTBEAT);
    await stream.write("retry: 1000\n\n");
    while (!stop.signal.aborted) {
      const event = waiting.shift();
      if (event !== undefined) await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    clearInterval(beat);
    await following;
  });
}
