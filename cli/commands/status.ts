import type { Command } from "commander";
import type { StatusView, WorkloadView } from "../../engine/api/engine-control.port.ts";
import { examineMaturity } from "../../engine/doctor/maturity.ts";
import { formatInstant } from "../../model/instant.ts";
import { reasonsForPeople } from "../../model/reasons-for-people.ts";
import { formatShort } from "../../model/units.ts";
import { paint } from "../colour.ts";
import { contextOf, withEngine } from "../context.ts";
import { table } from "../output.ts";
import { trustText } from "../trust-text.ts";

export default function define(program: Command): Command {
  return program
    .command("status")
    .addHelpText("after", "\nExample:\n  foreshadow status")
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine, running) => {
        const status = await engine.status();
        const maturity = examineMaturity(context.project());
        context.output.result({ ...status, daemon: running, maturity }, () => [
          ...statusLines(status, running),
          ...maturity.map(({ what, text }) => `${what}: ${text}`),
        ]);
      });
    });
}

function statusLines({ engine, ledger, workloads, alerts }: StatusView, running: boolean): string[] {
  return [
    running
      ? `engine ${engine.version}, process ${engine.pid}, last tick ${engine.lastTick === null ? "none" : formatInstant(engine.lastTick)}`
      : "no engine runs (start one with `foreshadow run`); looked at in this process",
    `ledger ${ledger.sequence} entries, ${ledger.hash.slice(0, 12)}`,
    "",
    ...workloads.flatMap(workloadLines),
    ...(alerts.length === 0 ? [] : [paint("warning", "alerts"), ...alerts.slice(-10).map((alert) => `  ${alert}`)]),
  ];
}

function workloadLines(view: WorkloadView): string[] {
  const held = [
    view.frozen && `frozen by ${view.frozen.by}${view.frozen.all ? " entirely" : ""}`,
    view.pin && `pinned by ${view.pin.by} until ${formatInstant(Math.floor(view.pin.until))}`,
    view.changeset && `changeset ${view.changeset}`,
    view.short && paint("bad", `short: ${view.short}`),
  ].filter((text) => text !== undefined);
  const number = (value: number | null) => (value === null ? "–" : formatShort(value));
  return [
    `${paint("heading", view.name)}  ${view.mode}  ready ${view.ready} of ${view.asked}, needs ${view.need}${held.length > 0 ? `  (${held.join("; ")})` : ""}`,
    ...table([
      ["", "series", "demand", "forecast", "upper", "carries", "evidence"],
      ...Object.entries(view.series).map(([name, series]) => [
        "",
        name,
        number(series.demand),
        number(series.forecast),
        number(series.upper),
        number(series.capacity),
        series.missing ?? `${trustText(series)}: ${series.evidence}`,
      ]),
    ]),
    ...reasonsForPeople(view.reasons).map(({ text }) => `  - ${text}`),
    "",
  ];
}
