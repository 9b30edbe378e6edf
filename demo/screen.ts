import { propertyLine } from "../cli/describe-changeset.ts";
import { table } from "../cli/output.ts";
import type { SeriesView, WorkloadView } from "../engine/api/engine-control.port.ts";
import type { Changeset } from "../model/changeset.ts";
import { formatShort } from "../model/units.ts";
import type { LoadReport } from "./load-generator.ts";

const WIDTH = 60;

/**
 * What a person sees: on a terminal a live view that is drawn over itself below the lines that scroll, in a pipe plain lines. Everything goes
 * to standard error when the summary is to be JSON.
 */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #live: boolean;
  readonly #started = Date.now();
  #drawn = 0;
  #ticks = 0;
  readonly #past: { demand: number; upper: number; capacity: number }[] = [];

  constructor(json: boolean) {
    this.#out = json ? process.stderr : process.stdout;
    this.#live = Boolean(this.#out.isTTY);
  }

  line(text: string): void {
    this.#erase();
    const seconds = String(Math.round((Date.now() - this.#started) / 1000)).padStart(4);
    this.#out.write(`${seconds}s  ${text}\n`);
  }

  indented(lines: readonly string[]): void {
    this.#erase();
    for (const line of lines) this.#out.write(`       ${line}\n`);
  }

  tick(view: WorkloadView, day: string, load: LoadReport | undefined): void {
    this.#ticks++;
    const cpu = view.series.cpu;
    this.#past.push({
      demand: cpu?.demand ?? Number.NaN,
      upper: cpu?.upper ?? Number.NaN,
      capacity: cpu?.capacity ?? Number.NaN,
    });
    if (this.#past.length > WIDTH) this.#past.shift();
    const lines = this.#lines(view, day, load);
    if (this.#live) {
      this.#erase();
      this.#out.write(`${lines.join("\n")}\n`);
      this.#drawn = lines.length;
    } else if (this.#ticks % 5 === 0) this.line(plain(view, day));
  }

  #lines(view: WorkloadView, day: string, load: LoadReport | undefined): string[] {
    const rows = Object.entries(view.series).map(([name, series]) => [
      "",
      name,
      ...numbers(series),
      series.trusted ? "trusted" : `not trusted: ${series.evidence}`,
    ]);
    return [
      "",
      `  ${day}   replicas ${view.ready} ready of ${view.asked}, demand needs ${view.need}   ${load ? `${load.ok} requests answered, ${load.failed} failed, p95 ${load.latency === null ? "–" : `${Math.round(load.latency)} ms`}` : ""}`,
      ...this.#chart(),
      ...table([["", "series", "demand", "forecast", "upper", "carries", "evidence"], ...rows]).map((line) =>
        line.slice(0, 118),
      ),
      ...view.reasons.slice(0, 5).map((reason) => `  - ${reason.text}`.slice(0, 118)),
    ];
  }

  /** CPU: • demand, ░ up to the forecast's upper quantile when it was current, ─ what the capacity carried. */
  #chart(): string[] {
    const height = 8;
    const top = Math.max(1e-9, ...this.#past.flatMap((p) => [p.demand, p.upper, p.capacity].filter(Number.isFinite)));
    const row = (value: number) => Math.round((value / top) * (height - 1));
    const grid = Array.from({ length: height }, () => Array<string>(this.#past.length).fill(" "));
    this.#past.forEach(({ demand, upper, capacity }, x) => {
      if (Number.isFinite(upper)) for (let y = 0; y <= row(upper); y++) grid[y][x] = "░";
      if (Number.isFinite(capacity)) grid[row(capacity)][x] = "─";
      if (Number.isFinite(demand)) grid[row(demand)][x] = "•";
    });
    return grid
      .map(
        (line, y) =>
          `  ${(y === height - 1 ? `${formatShort(top)}` : y === 0 ? "0" : "").padStart(6)} ┤${line.join("")}`,
      )
      .reverse();
  }

  changeset(changeset: Changeset): void {
    const { id, state, changes = [], reasons, commit, reversibility, leadTime, failure } = changeset;
    this.line(
      `${id}  ${state}${leadTime === undefined ? "" : ` ${leadTime.toFixed(1)} s after the decision`}${failure ? `: ${failure.message}` : ""}`,
    );
    if (state !== "applying") return;
    this.indented([
      ...table(summarised(changes.map(propertyLine))),
      `commit ${commit?.slice(0, 12)}, way back ${reversibility}`,
      ...reasons
        .filter(({ kind }) => kind === "demand" || kind === "forecast" || kind === "plan" || kind === "short")
        .map((reason) => `because ${reason.text}`),
    ]);
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}

/** A plan's steps are many properties: the first ones are shown, the rest is counted. */
function summarised(rows: string[][]): string[][] {
  const plan = rows.filter(([, property]) => property.startsWith("plan"));
  const others = rows.filter((row) => !plan.includes(row));
  return [
    ...others,
    ...plan.slice(0, 2),
    ...(plan.length > 2 ? [["", `… and ${plan.length - 2} more properties of the plan`, ""]] : []),
  ];
}

function numbers({ demand, forecast, upper, capacity }: SeriesView): string[] {
  return [demand, forecast, upper, capacity].map((value) => (value === null ? "–" : formatShort(value)));
}

function plain(view: WorkloadView, day: string): string {
  const cpu = view.series.cpu;
  const show = (value: number | null | undefined) => (value === null || value === undefined ? "–" : formatShort(value));
  return `${day}: cpu demand ${show(cpu?.demand)}, forecast ${show(cpu?.forecast)} up to ${show(cpu?.upper)}, carries ${show(cpu?.capacity)}; ${view.ready} replicas ready of ${view.asked}, needs ${view.need}`;
}
