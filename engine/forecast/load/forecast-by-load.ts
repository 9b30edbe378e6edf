import type { SeriesName } from "../../../model/dimension.ts";
import type { Forecast } from "../forecast.port.ts";
import type { CostEstimate } from "./cost-model.ts";

export interface Cost extends Pick<CostEstimate, "perLoad" | "perReplica"> {
  readonly error: number;
  readonly difference: number;
}

/**
 * The forecast of a series from that of the load that drives it: `perReplica · replicas + perLoad · load`. How far each quantile lies from the
 * middle comes from the load's own quantiles and from the error of the cost, taken as independent: their squares add up.
 *
 * What demand lately has besides is taken to fade with a half-life of an hour of a day, as the weighted mean of deviations does elsewhere.
 *
 * @param replicas that the demand is forecast for
 * @param cost with its mean |error| and its last difference, in the unit of the series
 * @param season ticks
 */
export function forecastByLoad(
  series: SeriesName,
  load: Forecast,
  { perLoad, perReplica, error, difference }: Cost,
  replicas: number,
  season: number,
): Forecast {
  const point = load.point.map((value, k) => {
    const fading = Math.exp((-Math.LN2 * 24 * load.horizons[k]) / season);
    return Math.max(0, perReplica * replicas + perLoad * value + fading * difference);
  });
  return {
    ...load,
    series,
    point,
    values: load.levels.map((level, l) => {
      // As of a Laplace distribution, whose mean |error| is its scale.
      const fromCost = error * (level < 0.5 ? Math.log(2 * level) : -Math.log(2 * (1 - level)));
      return load.values[l].map((value, k) => {
        const fromLoad = perLoad * (value - load.point[k]);
        const distance = Math.sqrt(fromLoad * fromLoad + fromCost * fromCost);
        const below = level < 0.5 || (level === 0.5 && fromLoad < 0);
        return Math.max(0, point[k] + (below ? -distance : distance));
      });
    }),
    model: `${load.series} × cost`,
  };
}
