import { parseArgs } from "node:util";
import { EventForecaster } from "../engine/forecast/events/event-forecaster.ts";
import {
  type ForecasterOptions,
  pointAt,
  quantileAt,
  type SeriesForecaster,
} from "../engine/forecast/forecast.port.ts";
import { createForecaster } from "../engine/forecast/forecaster.ts";
import { daily, randomNumbers } from "../engine/forecast/synthetic.ts";
import type { PlannedEvent } from "../model/planned-event.ts";
import { replaceSection } from "./doc-section.ts";

/**
 * What is best fed to the models while a planned event goes on. A synthetic workload of six weeks with an event of three hours every
 * fifth day that multiplies demand by 2.5 to 3.5; the first two occurrences are history. For each way: error of the forecasts one hour ahead
 * over demand inside events, in the day after them and elsewhere, coverage of the .99 quantile inside events, and the share of
 * time that the forecast is trusted in the six hours after one ends.
 *
 * Writes the table into docs/foresight.md, or the file of --out.
 */
const { values: flags } = parseArgs({ options: { out: { type: "string" }, seeds: { type: "string" } } });
const OUT = flags.out ?? "docs/foresight.md";
const DAY = 288;
const STEP = 300;
const AHEAD = 12;
const LENGTH = 36;
const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: STEP,
  season: 86_400,
  levels: [0.5, 0.9, 0.99],
  horizons: [1, 3, 6, 12, 24, 72, 144, 288],
  decisiveWithin: 12,
  tier: "fast",
  seed: 1,
  startsAt: 0,
};

interface Way {
  readonly name: string;
  make(events: readonly PlannedEvent[]): SeriesForecaster;
}

const overlapping = (events: readonly PlannedEvent[]) => (from: number, to: number) =>
  events.filter((event) => event.from < to && event.to > from);

/** The plain forecaster with gaps for what is measured during events. */
class Gaps extends EventForecaster {
  readonly #plain: SeriesForecaster;
  readonly #events: readonly PlannedEvent[];
  constructor(plain: SeriesForecaster, events: readonly PlannedEvent[]) {
    super(plain, OPTIONS, () => []);
    this.#plain = plain;
    this.#events = events;
  }
  override update(value: number): void {
    const at = this.#plain.ticks * STEP;
    this.#plain.update(this.#events.some(({ from, to }) => from <= at && to > at) ? Number.NaN : value);
  }
}

const WAYS: readonly Way[] = [
  { name: "as it comes, events unknown", make: () => createForecaster(OPTIONS) },
  { name: "gaps, nothing lifted", make: (events) => new Gaps(createForecaster(OPTIONS), events) },
  {
    name: "divided, learnt",
    make: (events) => new EventForecaster(createForecaster(OPTIONS), OPTIONS, overlapping(events)),
  },
  {
    name: "divided, stated as 3x",
    make: (events) =>
      new EventForecaster(
        createForecaster(OPTIONS),
        OPTIONS,
        overlapping(events.map((event) => ({ ...event, uplift: 3 }))),
      ),
  },
];

function synthetic(seed: number) {
  const random = randomNumbers(seed + 99);
  const values = [...daily(42 * DAY, DAY, seed)];
  const events: PlannedEvent[] = [];
  for (let day = 4; day < 41; day += 5) {
    const first = day * DAY + Math.floor(random() * (DAY - LENGTH));
    const factor = 2.5 + random();
    for (let tick = first; tick < first + LENGTH; tick++) values[tick] *= factor;
    events.push({ name: "sale", from: first * STEP, to: (first + LENGTH) * STEP });
  }
  return { values, events };
}

function measure(way: Way, seed: number) {
  const { values, events } = synthetic(seed);
  const forecaster = way.make(events);
  const errors = { inside: [0, 0], after: [0, 0], elsewhere: [0, 0] };
  let [covered, inside, trusted, watched] = [0, 0, 0, 0];
  for (let tick = 0; tick + AHEAD < values.length; tick++) {
    forecaster.update(values[tick]);
    if (tick < 14 * DAY) continue;
    const forecast = forecaster.forecast();
    const target = tick + AHEAD;
    const came = values[target];
    const since = events.map(({ from, to }) => [target - from / STEP, target - to / STEP]);
    const place = since.some(([begun, ended]) => begun >= 0 && ended < 0)
      ? "inside"
      : since.some(([, ended]) => ended >= 0 && ended < DAY)
        ? "after"
        : "elsewhere";
    errors[place][0] += Math.abs(came - pointAt(forecast, AHEAD));
    errors[place][1] += came;
    if (place === "inside") {
      inside++;
      if (came <= quantileAt(forecast, 0.99, AHEAD)) covered++;
    }
    if (since.some(([, ended]) => ended >= 0 && ended < DAY / 4)) {
      watched++;
      if (forecast.evidence.trusted) trusted++;
    }
  }
  const share = ([sum, total]: number[]) => sum / total;
  return [share(errors.inside), share(errors.after), share(errors.elsewhere), covered / inside, trusted / watched];
}

const seeds = Number(flags.seeds ?? 8);
const lines = [
  "| fed during events | error inside | in the day after | elsewhere | .99 covers inside | trusted after |",
  "| --- | --- | --- | --- | --- | --- |",
];
for (const way of WAYS) {
  const runs = Array.from({ length: seeds }, (_, seed) => measure(way, seed + 1));
  const mean = (i: number) => runs.reduce((sum, run) => sum + run[i], 0) / seeds;
  lines.push(`| ${way.name} | ${[0, 1, 2, 3, 4].map((i) => `${(100 * mean(i)).toFixed(1)} %`).join(" | ")} |`);
}
const table = lines.join("\n");
console.log(table);
replaceSection(OUT, "bench/planned-events.ts", table);
