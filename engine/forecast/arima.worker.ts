import type { ArimaRequest } from "./arima-fitter.port.ts";
import type { RawArimaFit } from "./arima-fitter.ts";
import { parseSummary } from "./arima-summary.ts";
import { serveFits } from "./fitting/serve-fits.ts";

/** Ticks that the package forecasts, for the check of what was read from its summary. */
const AHEAD = 16;

/**
 * Runs the `arima` package apart from everything else. It prints its coefficients instead of returning them, so what it prints
 * is read; it may throw and then stay broken, or return an exploded fit, so the parent checks and ends this thread now and then.
 */
const printed: string[] = [];
console.log = (...parts: unknown[]) => {
  printed.push(parts.join(" "));
};
console.warn = console.log;
console.error = console.log;

// After the console was replaced: the package keeps hold of the one it finds when it is loaded.
const { default: Arima } = await import("arima");

serveFits(({ series }: ArimaRequest): RawArimaFit => {
  printed.length = 0;
  const model = new Arima({ auto: true, p: 3, d: 1, q: 3, P: 0, D: 0, Q: 0, s: 0, verbose: true });
  try {
    model.fit([...series]);
    const [forecast] = model.predict(AHEAD);
    return { coefficients: parseSummary(printed.join("\n")), forecast };
  } finally {
    model.destroy();
  }
});
