import type { ArimaCoefficients } from "./arima-fitter.port.ts";

/**
 * Reads order and coefficients from the summary that `arima` (the C library ctsa underneath) prints.
 * The library subtracts its moving average, so the signs are turned. A coefficient that it failed to find is NaN. Throws where the
 * text is not such a summary.
 */
export function parseSummary(text: string): ArimaCoefficients {
  const summary = text.slice(Math.max(0, text.lastIndexOf("summary:")));
  const order = /ARIMA (?:Seasonal )?Order : \( (\d+), (\d+), (\d+)\)/.exec(summary);
  if (!order) throw new Error("arima: expected a summary with its order, found none");
  const [p, d, q] = order.slice(1).map(Number);
  const figure = (name: string) => {
    const match = new RegExp(`^${name}\\s+(\\S+)`, "m").exec(summary);
    if (!match) throw new Error(`arima: expected ${name} in the summary of (${p},${d},${q}), found none`);
    return Number(match[1]);
  };
  return {
    d,
    ar: Array.from({ length: p }, (_, i) => figure(`AR${i + 1}`)),
    ma: Array.from({ length: q }, (_, i) => -figure(`MA${i + 1}`)),
    mean: d === 0 ? figure("MEAN") : 0,
  };
}
