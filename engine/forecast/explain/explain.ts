import type { ForecastParts } from "../../../model/forecast-parts.ts";
import { type Forecast, levelAtLeast, pointAt, quantileAt } from "../forecast.port.ts";
import type { Usual } from "./components.ts";

/**
 * What a forecast is made of at one moment. The parts add up to the middle forecast, and with the margin to the quantile: what is usual is
 * taken from the decomposition, the event is what the forecast has above that without events, and `recent` is what the models saw
 * in the last values, which is what is left. Whatever the models are, nothing of the number is unexplained.
 *
 * @param base the forecast without events
 * @param lifted the forecast that acts
 * @param level of the quantile that decides
 */
export function explainAt(base: Forecast, lifted: Forecast, usual: Usual, ahead: number, level: number): ForecastParts {
  const { level: mean, trend, daily, weekly } = usual;
  const point = pointAt(lifted, ahead);
  const added = point - pointAt(base, ahead);
  // Horizons that were added at an event's edges move what is read between others by a rounding error.
  const event = Math.abs(added) > 1e-9 * point ? added : 0;
  const quantile = quantileAt(lifted, levelAtLeast(lifted, level), ahead);
  return {
    at: lifted.issuedAt + ahead * lifted.step,
    level: mean,
    trend,
    daily,
    weekly,
    event,
    recent: point - (mean + trend + daily + weekly + event),
    point,
    margin: quantile - point,
    quantile,
  };
}
