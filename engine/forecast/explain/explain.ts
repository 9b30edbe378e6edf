import type { ForecastParts } from "../../../model/forecast-parts.ts";
import { type Forecast, levelAtLeast, pointAt, quantileAt } from "../forecast.port.ts";
import type { Usual } from "./components.ts";

/**
 * What a forecast is made of at one moment. The parts add up to the middle forecast, and with the margin to the quantile: what is usual is
 * taken from the decomposition, the event is what the forecast has above that without events, and `recent` is what the models saw
 * in the last values, which is what is left. Whatever the models are, nothing of the number is unexplained.
 *
 * @param level of the quantile that decides
 * @param without share of the middle forecast that is left without events
 */
export function explainAt(
  acting: Forecast,
  usual: Usual,
  ahead: number,
  level: number,
  without: number,
): ForecastParts {
  const { level: mean, trend, daily, weekly } = usual;
  const point = pointAt(acting, ahead);
  // Horizons that were added at an event's edges move what is read between others by a rounding error.
  const event = Math.abs(1 - without) > 1e-9 ? point - point * without : 0;
  const quantile = quantileAt(acting, levelAtLeast(acting, level), ahead);
  return {
    at: acting.issuedAt + ahead * acting.step,
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
