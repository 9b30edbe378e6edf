import type { SeriesName } from "../../model/dimension.ts";
import type {
  EventView,
  ForecastView,
  LoadCostView,
  LoadedSpan,
  SeriesForecastView,
} from "../api/engine-control.port.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import type { LearntCost } from "../forecast/load/workload-load.ts";
import type { Forecasting } from "./forecasting.ts";
import { orNull } from "./views.ts";

/**
 * Forecasts with their past, their evidence, what they are made of and the events in them.
 *
 * @param level of the quantile that decides
 */
export async function forecastView(
  workload: string,
  step: number,
  forecasts: Partial<Record<SeriesName, Forecast>>,
  forecasting: Forecasting,
  level: number,
  costs: readonly LearntCost[] = [],
  loaded: readonly LoadedSpan[] = [],
): Promise<ForecastView> {
  const series: Partial<Record<SeriesName, SeriesForecastView>> = {};
  for (const forecast of Object.values(forecasts))
    series[forecast.series] = await seriesView(forecast, forecasting, level);
  const events = eventViews(Object.keys(series) as SeriesName[], forecasting);
  return { workload, step, events, loaded, load: costs.map(loadView), series };
}

async function seriesView(forecast: Forecast, forecasting: Forecasting, level: number): Promise<SeriesForecastView> {
  const { evidence } = forecast;
  const parts = await forecasting.explain(forecast.series, forecast, forecast.horizons, level);
  const history = await forecasting.history(forecast.series);
  const usage = await forecasting.usage(forecast.series);
  return {
    issuedAt: forecast.issuedAt,
    model: forecast.model,
    fallbackFrom: forecast.fallbackFrom,
    trusted: evidence.trusted,
    evidence: evidence.reason,
    samples: evidence.samples,
    skill: orNull(evidence.skill),
    coverage: evidence.coverage,
    horizons: (evidence.horizons ?? []).map(({ ahead, reason, skill, ...rest }) => ({
      ...rest,
      ahead: ahead * forecast.step,
      evidence: reason,
      skill: orNull(skill),
    })),
    history: history.map(orNull),
    usage: usage.map(orNull),
    points: forecast.horizons.map((ahead, k) => ({
      at: forecast.issuedAt + ahead * forecast.step,
      point: forecast.point[k],
      quantiles: Object.fromEntries(forecast.levels.map((one, l) => [String(one), forecast.values[l][k]])),
      parts: parts[k],
    })),
  };
}

function loadView({ series, signal, estimate }: LearntCost): LoadCostView {
  return { series, signal, ...estimate };
}

/** The events within the horizon, soonest first, and what each does to each series. */
function eventViews(series: readonly SeriesName[], forecasting: Forecasting): EventView[] {
  const found = new Map<
    string,
    Omit<EventView, "series"> & { series: { -readonly [name in SeriesName]?: EventView["series"][name] } }
  >();
  for (const name of series)
    for (const { event, uplift } of forecasting.expectedEvents(name)) {
      const key = `${event.name}\n${event.from}`;
      const view = found.get(key) ?? { name: event.name, from: event.from, to: event.to, series: {} };
      const { middle, high, source, occurrences } = uplift;
      view.series[name] = { factor: source === "unknown" ? null : middle, upper: high, source, occurrences };
      found.set(key, view);
    }
  return [...found.values()].sort((a, b) => a.from - b.from);
}
