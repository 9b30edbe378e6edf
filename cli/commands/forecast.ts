import type { Command } from "commander";
import type { SeriesForecastView } from "../../engine/api/engine-control.port.ts";
import { InputError } from "../../model/input-error.ts";
import { formatShort } from "../../model/units.ts";
import { bandChart } from "../chart.ts";
import { contextOf, withEngine } from "../context.ts";

export default function define(program: Command): Command {
  return program
    .command("forecast")
    .argument("<workload>", "workload")
    .option("--series <name>", "only this series (cpu, memory, disk, storage, network, requests)")
    .addHelpText("after", "\nExample:\n  foreshadow forecast web --series cpu")
    .action(async (workload: string, { series }: { series?: string }, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const view = await engine.forecast(workload);
        const entries = Object.entries(view.series).filter(([name]) => series === undefined || name === series);
        if (entries.length === 0)
          throw new InputError("--series", [
            {
              path: "",
              expected: Object.keys(view.series).join(", ") || "a series with measurements (there is none yet)",
              found: series ?? "none",
            },
          ]);
        context.output.result({ ...view, series: Object.fromEntries(entries) }, () =>
          entries.flatMap(([name, forecast]) => seriesLines(name, forecast, view.step)),
        );
      });
    });
}

function seriesLines(name: string, view: SeriesForecastView, step: number): string[] {
  const levels = Object.keys(view.points[0]?.quantiles ?? {});
  const upper = levels[levels.length - 1];
  const covered = view.coverage[upper];
  return [
    `${name}: ${view.model}${view.fallbackFrom ? ` (${view.fallbackFrom})` : ""}, ${view.trusted ? "trusted" : "not trusted"}: ${view.evidence}`,
    `  ${view.samples} forecasts compared, skill over seasonal naive ${view.skill === null ? "unknown" : `${(100 * view.skill).toFixed(0)} %`}` +
      (covered === undefined ? "" : `, p${formatShort(Number(upper) * 100)} covered ${(100 * covered).toFixed(1)} %`),
    ...bandChart(
      view.history,
      view.points.map(({ at, point, quantiles }) => ({
        ahead: Math.round((at - view.issuedAt) / step),
        point,
        lower: quantiles[levels[0]] ?? point,
        upper: quantiles[upper] ?? point,
      })),
    ),
    "",
  ];
}
