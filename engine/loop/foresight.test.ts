import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeriesName } from "../../model/dimension.ts";
import type { PlannedEvent } from "../../model/planned-event.ts";
import { createForecaster } from "../forecast/forecaster.ts";
import { WorkloadLoad } from "../forecast/load/workload-load.ts";
import { daily } from "../forecast/synthetic.ts";
import { computedUsage } from "../usage/computed-usage.ts";
import { forecastView } from "./forecast-view.ts";
import { Forecasting } from "./forecasting.ts";
import { foresee } from "./foresight.ts";

const STEP = 900;
const DAY = 96;
const NOW = 30 * 86_400;
const MEASURED = { at: NOW, span: STEP, replicas: 4, signals: new Map() };
const load = () => new WorkloadLoad({ season: DAY, levels: [0.1, 0.5, 0.99], ahead: 2 });

/** A store in which every series is the same daily pattern, measured for the last days alone. */
function store(days: number) {
  const values = [...daily(30 * DAY, DAY, 3)].fill(Number.NaN, 0, (30 - days) * DAY);
  return computedUsage(({ begin }) => values[Math.floor(begin / STEP)] ?? Number.NaN);
}

async function forecastingOf(events: readonly PlannedEvent[], series: readonly SeriesName[] = ["cpu"], days = 8) {
  const forecasting = new Forecasting(
    {
      workload: "web",
      step: STEP,
      season: 86_400,
      levels: [0.1, 0.5, 0.99],
      horizons: [1, 4, 16, 48, 96],
      decisiveWithin: 4,
      tier: "fast",
      recent: DAY,
    },
    store(days),
    createForecaster,
    (from, to) => events.filter((event) => event.from < to && event.to > from),
  );
  await forecasting.catchUp(series, NOW);
  return forecasting;
}

test("an event that a decision looks at is among its reasons, one beyond is not", async () => {
  const soon = { name: "launch", from: NOW + STEP, to: NOW + 3 * STEP, uplift: 3 };
  const late = { name: "sale", from: NOW + 60 * STEP, to: NOW + 70 * STEP };
  const { notes, forecasts } = foresee(await forecastingOf([soon, late]), load(), { ...MEASURED, span: 4 * STEP });
  assert.deepEqual(notes, [
    {
      kind: "event",
      series: "cpu",
      text: "cpu: launch from 1970-01-31T00:15Z to 1970-01-31T00:45Z: × 3, as stated",
    },
  ]);
  assert.deepEqual(
    forecasts.cpu?.lifted?.map(({ name, source }) => [name, source]),
    [
      ["launch", "stated"],
      ["sale", "unknown"],
    ],
  );
});

test("people see the events to come with what each does, and parts that add up", async () => {
  const event = { name: "launch", from: NOW + 8 * STEP, to: NOW + 12 * STEP, uplift: 3 };
  const forecasting = await forecastingOf([event], ["cpu", "memory"]);
  const view = await forecastView("web", STEP, foresee(forecasting, load(), MEASURED).forecasts, forecasting, 0.99);
  assert.deepEqual(view.events, [
    {
      name: "launch",
      from: event.from,
      to: event.to,
      series: {
        cpu: { factor: 3, upper: 3, source: "stated", occurrences: 0 },
        memory: { factor: null, upper: 1, source: "unknown", occurrences: 0 },
      },
    },
  ]);
  for (const { point, parts } of view.series.cpu!.points) {
    const sum = parts.level + parts.trend + parts.daily + parts.weekly + parts.event + parts.recent;
    assert.ok(Math.abs(sum - point) <= 1e-9 * point);
    assert.ok(Math.abs(parts.point - point) <= 1e-9 * point);
  }
  assert.equal(
    JSON.parse(JSON.stringify(view)).series.cpu.points[0].parts.point,
    view.series.cpu!.points[0].parts.point,
  );
});

test("a load signal teaches what load costs, and the part per replica goes to the decision", async () => {
  const forecasting = await forecastingOf([]);
  const workload = load();
  let foresight = foresee(forecasting, workload, MEASURED);
  // The series stands still here: as much load on more replicas says what each has by itself.
  const cpu = forecasting.recent("cpu").at(-1)!;
  for (let tick = 0; tick < 60; tick++) {
    const replicas = 4 + (tick % 5);
    const concurrency = (cpu - 2 * replicas) / 0.5;
    foresight = foresee(forecasting, workload, {
      ...MEASURED,
      replicas,
      signals: new Map([["concurrency", { sum: concurrency }]]),
    });
  }
  const fixed = foresight.fixedPerReplica.cpu;
  assert.ok(fixed !== undefined && fixed > 1.8 && fixed <= 2.0001, `${fixed}`);
  const [cost] = (await forecastView("web", STEP, foresight.forecasts, forecasting, 0.99, workload.costs())).load;
  assert.deepEqual([cost.series, cost.signal, cost.identified], ["cpu", "concurrency", true]);
  assert.ok(Math.abs(cost.perLoad - 0.5) < 0.01 && cost.samples >= 30 && cost.error < 0.01);
  assert.match(
    foresight.notes.map(({ text }) => text).join("\n"),
    /cpu: 0\.5 a unit of concurrency and at least .* a replica/,
  );
});

test("a workload with too short a past says so, and borrows from one that it is like where it may", async () => {
  const young = await forecastingOf([], ["cpu"], 0.5);
  const old = await forecastingOf([], ["cpu"], 9);
  const alone = foresee(young, load(), MEASURED);
  assert.equal(alone.forecasts.cpu?.evidence.trusted, false);
  assert.deepEqual(
    alone.notes.map(({ text }) => text),
    ["cold start: 0.5 of 2 days of history of cpu; until then present demand decides"],
  );
  const helped = foresee(young, load(), MEASURED, [{ workload: "web-eu", forecasting: old }]);
  const { evidence, model } = helped.forecasts.cpu!;
  assert.deepEqual([evidence.trusted, evidence.scaleOutOnly], [true, true]);
  assert.match(model, /like web-eu × /);
  assert.match(helped.notes[0].text, /counts cpu like web-eu × [\d.]+, which may only add capacity/);
  assert.equal(foresee(old, load(), MEASURED, [{ workload: "young", forecasting: young }]).notes.length, 0);
});
