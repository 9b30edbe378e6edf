import type { ArimaCoefficients, ArimaRequest } from "./arima-fitter.port.ts";
import { parseSummary } from "./arima-summary.ts";
import { fitArma } from "./arma-fit.ts";
import { serveFits } from "./fitting/serve-fits.ts";

/**
 * Runs the `arima` package apart from everything else. It prints its coefficients instead of returning them, so what it prints
 * is read; it may throw and then stay broken, and it leaks, so the parent ends this thread now and then. Its fits may
 * explode: only the order is taken over, and its coefficients as the place where the search for better ones begins.
 */
const printed: string[] = [];
console.log = (...parts: unknown[]) => {
  printed.push(parts.join(" "));
};
console.warn = console.log;
console.error = console.log;

// After the console was replaced: the package keeps hold of the one it finds when it is loaded.
const { default: Arima } = await import("arima");

function chooseOrder(series: Float64Array): ArimaCoefficients {
  printed.length = 0;
  const model = new Arima({ auto: true, p: 3, d: 1, q: 3, P: 0, D: 0, Q: 0, s: 0, verbose: true });
  try {
    model.fit([...series]);
    // The summary is printed with the first forecast.
    model.predict(1);
    return parseSummary(printed.join("\n"));
  } finally {
    model.destroy();
  }
}

serveFits(({ series, known }: ArimaRequest) => fitArma(series, known ?? chooseOrder(series)));
