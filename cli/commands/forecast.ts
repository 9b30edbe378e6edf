import type { Command } from "commander";
import {
  type EventView,
  type ForecastView,
  type LoadCostView,
  NotFound,
  type SeriesForecastView,
} from "../../engine/api/engine-control.port.ts";
import { bandChart } from "../../model/band-chart.ts";
import { InputError } from "../../model/input-error.ts";
import { formatInstant } from "../../model/instant.ts";
import { formatShort } from "../../model/units.ts";
import { contextOf, withEngine } from "../context.ts";
import { partsTable } from "../describe-parts.ts";
import { horizonRows } from "../horizon-rows.ts";
import { table } from "../output.ts";

interface ForecastArguments {
  readonly series?: string;
  readonly explain?: boolean;
}

export default function define(program: Command): Command {
  return program
    .command("forecast")
    .argument("<workload>", "workload")
    .option("--series <name>", "only this series (cpu, memory, disk, storage, network, requests)")
    .option("--explain", "what each number is made of: level, trend, time of day and week, events, what came lately")
    .addHelpText("after", "\nExample:\n  foreshadow forecast web --series cpu --explain")
    .action(async (workload: string, options: ForecastArguments, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const view = chosen(await engine.forecast(workload), options.series);
        context.output.result(view, () => forecastLines(view, options.explain === true));
      });
    });
}

function chosen(view: ForecastView, series: string | undefined): ForecastView {
  if (Object.keys(view.series).length === 0)
    throw new NotFound(
      `${view.workload}: nothing has been measured yet; is \`foreshadow agent\` running on its hosts?`,
    );
  const entries = Object.entries(view.series).filter(([name]) => series === undefined || name === series);
  if (entries.length > 0) return { ...view, series: Object.fromEntries(entries) };
  throw new InputError("--series", [
    {
      path: "",
      expected: Object.keys(view.series).join(", "),
      found: series ?? "none",
    },
  ]);
}

function forecastLines(view: ForecastView, explain: boolean): string[] {
  return [
    ...Object.entries(view.series).flatMap(([name, forecast]) => seriesLines(name, forecast, view, explain)),
    ...view.loaded.map(
      ({ origin, from, to }) =>
        `Loaded and not measured: ${formatInstant(from)} to ${formatInstant(to)}, as far as nothing was measured then; from ${origin}`,
    ),
    ...(view.load.length === 0 ? [] : ["Load", ...table(view.load.map(loadRow)), ""]),
    ...(view.events.length === 0 ? [] : ["Planned events (▲)", ...table(view.events.map(eventRow))]),
  ];
}

function seriesLines(
  name: string,
  view: SeriesForecastView,
  { step, events }: ForecastView,
  explain: boolean,
): string[] {
  const levels = Object.keys(view.points[0]?.quantiles ?? {});
  const upper = levels[levels.length - 1];
  const covered = view.coverage[upper];
  const ahead = (at: number) => (at - view.issuedAt) / step;
  return [
    `${name}: ${view.model}${view.fallbackFrom ? ` (${view.fallbackFrom})` : ""}, ${view.trusted ? "trusted" : "not trusted"}: ${view.evidence}`,
    `  ${view.samples} forecasts compared, skill over seasonal naive ${view.skill === null ? "unknown" : `${(100 * view.skill).toFixed(0)} %`}` +
      (covered === undefined ? "" : `, p${formatShort(Number(upper) * 100)} covered ${(100 * covered).toFixed(1)} %`),
    ...table(horizonRows(view.horizons)),
    ...bandChart(
      view.history,
      view.points.map(({ at, point, quantiles }) => ({
        ahead: Math.round(ahead(at)),
        point,
        lower: quantiles[levels[0]] ?? point,
        upper: quantiles[upper] ?? point,
      })),
      { marks: events.map(({ from, to }) => ({ first: Math.floor(ahead(from)) + 1, last: Math.ceil(ahead(to)) })) },
    ),
    ...(explain ? ["", ...partsTable(view.points.map(({ parts }) => parts))] : []),
    "",
  ];
}

function loadRow({ series, signal, samples, error, change, ...cost }: LoadCostView): string[] {
  const { perLoad, perReplica, perReplicaLow, identified } = cost;
  return [
    "",
    series,
    `${formatShort(perLoad)} a unit of ${signal}`,
    identified
      ? `${formatShort(perReplica)} a replica, at least ${formatShort(perReplicaLow)}`
      : "part per replica unknown: replicas and load moved together",
    `${samples} ticks, ± ${formatShort(100 * error)} %`,
    change === undefined ? "" : `changed × ${formatShort(change.factor)} ${change.ticksAgo} ticks ago`,
  ];
}

function eventRow({ name, from, to, series }: EventView): string[] {
  const effects = Object.entries(series).map(([one, { factor, upper, source, occurrences }]) => {
    if (factor === null) return `${one} not known yet`;
    const range = upper > 1.05 * factor ? ` to ${formatShort(upper)}` : "";
    const why = source === "learnt" ? `learnt from ${occurrences}` : source === "coming" ? "as it comes" : source;
    return `${one} × ${formatShort(factor)}${range} (${why})`;
  });
  return ["", name, formatInstant(from), formatInstant(to), effects.join(", ")];
}
