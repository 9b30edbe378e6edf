import { Histogram, type HistogramFigures } from "../model/histogram.ts";

/** Milliseconds between two looks: a loop that is held up for longer is always seen. */
const EVERY = 50;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How late timers of this thread's event loop come. */
export interface EventLoopLag {
  /** Seconds late, of each look so far. */
  readonly figures: HistogramFigures;
  stop(): void;
}

/** Begins to measure how late timers of this thread come. It keeps no process alive. */
export function measureEventLoopLag(): EventLoopLag {
  const figures = new Histogram(BOUNDS);
  let expected = performance.now() + EVERY;
  const timer = setInterval(() => {
    const now = performance.now();
    figures.observe(Math.max(0, now - expected) / 1000);
    expected = now + EVERY;
  }, EVERY).unref();
  return { figures, stop: () => clearInterval(timer) };
}
