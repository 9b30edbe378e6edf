import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { PlannedEvent } from "../../../model/planned-event.ts";
import type { ForecasterOptions } from "../forecast.port.ts";
import { createForecaster } from "../forecaster.ts";
import { daily, randomNumbers } from "../synthetic.ts";
import { prophetAt } from "./prophet-curve.ts";
import { ProphetDesign } from "./prophet-design.ts";
import { fitProphet } from "./prophet-fit.ts";
import type { ProphetFitter } from "./prophet-fitter.port.ts";
import { createProphetFitter } from "./prophet-fitter.ts";
import { gradientOf, mapEstimate } from "./prophet-map.ts";
import { logPosterior, priorsOf } from "./prophet-posterior.ts";
import { SharedDesigns } from "./shared-designs.ts";

const DAY = 86_400;
const STEP = 3_600;
/** Twenty days by the hour, from a Thursday on. */
const GRID = { startsAt: 1_000 * DAY, step: STEP, length: 20 * 24, season: DAY };
const at = (index: number) => GRID.startsAt + index * STEP;

/** A level that breaks in the middle, a day, a weekend and noise. */
function series(seed: number): Float64Array {
  const random = randomNumbers(seed);
  return Float64Array.from({ length: GRID.length }, (_, i) => {
    const trend = 100 + 0.1 * i + (i > 240 ? 0.4 * (i - 240) : 0);
    const day = 20 * Math.cos((2 * Math.PI * i) / 24) + 5 * Math.sin((4 * Math.PI * i) / 24);
    return trend + day + 8 * Math.cos((2 * Math.PI * i) / (24 * 7)) + 4 * (random() + random() - 1);
  });
}

function estimated(values: Float64Array, events: readonly PlannedEvent[] = []) {
  const design = new ProphetDesign(GRID, events);
  const moments = design.moments(values, 300);
  const priors = priorsOf(design.layout, design.size);
  return { design, moments, priors, estimate: mapEstimate(moments, priors)! };
}

test("at the estimate the gradient is zero, and within the Laplace prior's rate where a change point is held at zero", () => {
  const values = series(1);
  values[17] = Number.NaN;
  const { moments, priors, estimate } = estimated(values);
  const { theta, sigma } = estimate;
  const gradient = new Float64Array(theta.length);
  gradientOf(moments, priors, theta, sigma * sigma, gradient);
  let held = 0;
  theta.forEach((value, i) => {
    if (priors.rate[i] > 0 && value === 0) {
      held++;
      assert.ok(Math.abs(gradient[i]) <= priors.rate[i] * (1 + 1e-6), `column ${i}: ${gradient[i]}`);
    } else assert.ok(Math.abs(gradient[i] + priors.rate[i] * Math.sign(value)) < 1e-5, `column ${i}: ${gradient[i]}`);
  });
  assert.ok(held > 5 && held < 25, `${held} of 25 change points are held`);
});

test("no step from the estimate raises the posterior", () => {
  const { moments, priors, estimate } = estimated(series(2));
  const { theta, sigma } = estimate;
  const highest = logPosterior(moments, priors, theta, sigma);
  for (const share of [0.99, 1.01]) assert.ok(logPosterior(moments, priors, theta, sigma * share) < highest);
  theta.forEach((value, i) => {
    for (const step of [-1e-4, 1e-4]) {
      const moved = theta.slice();
      moved[i] = value + step;
      assert.ok(logPosterior(moments, priors, moved, sigma) < highest, `column ${i} by ${step}`);
    }
  });
});

test("a line without noise is found with its slope, and goes on", () => {
  const parameters = fitProphet(
    new ProphetDesign(GRID, []),
    Float64Array.from({ length: GRID.length }, (_, i) => 50 + i),
  );
  const ahead = prophetAt(parameters, at(GRID.length + 24), STEP, []);
  assert.ok(Math.abs(ahead - (50 + GRID.length + 24)) < 0.5, `${ahead}`);
});

test("a break of the trend is found where it was, and both seasons with their size", () => {
  const { slope, changes, seasons, span } = fitProphet(new ProphetDesign(GRID, []), series(3));
  const growth = (until: number) =>
    changes.filter((change) => change.at * span < until * STEP).reduce((sum, change) => sum + change.slope, slope);
  const perTick = STEP / span;
  assert.ok(Math.abs(growth(200) * perTick - 0.1) < 0.05, `${growth(200) * perTick} before`);
  assert.ok(Math.abs(growth(280) * perTick - 0.5) < 0.05, `${growth(280) * perTick} after`);
  const sizes = seasons.map(({ period, coefficients }) => [period / DAY, Math.hypot(coefficients[0], coefficients[1])]);
  assert.deepEqual(
    sizes.map(([days, size]) => [days, Math.round(size)]),
    [
      [7, 8],
      [1, 20],
    ],
  );
});

test("an event's effect is learnt from those that were, and expected of the next in proportion to its share", () => {
  const values = series(4);
  const event = (index: number) => ({ name: "sale", from: at(index) - STEP / 2, to: at(index + 3) - STEP / 2 });
  const past = [50, 200, 333].map(event);
  for (const index of [50, 200, 333]) for (let i = 0; i < 3; i++) values[index + i] += 40;
  const parameters = fitProphet(new ProphetDesign(GRID, past), values);
  assert.equal(parameters.events[0].name, "sale");
  assert.ok(Math.abs(parameters.events[0].effect - 40) < 3, `${parameters.events[0].effect}`);
  const index = GRID.length + 30;
  const without = prophetAt(parameters, at(index), STEP, []);
  const during = prophetAt(parameters, at(index), STEP, [event(index)]);
  assert.ok(Math.abs(during - without - parameters.events[0].effect) < 1e-9);
  const half = [{ name: "sale", from: at(index), to: at(index) + STEP }];
  assert.ok(Math.abs(prophetAt(parameters, at(index), STEP, half) - without - parameters.events[0].effect / 2) < 1e-9);
});

test("series on one grid share its design and fit as each would alone, gaps or none", () => {
  const shared = new SharedDesigns();
  const holed = series(6);
  for (let i = 100; i < 130; i++) holed[i] = Number.NaN;
  const sparse = series(7).map((value, i) => (i % 3 === 0 ? value : Number.NaN));
  for (const values of [series(5), holed, sparse]) {
    const alone = fitProphet(new ProphetDesign(GRID, []), values);
    assert.deepEqual(shared.fit({ grid: GRID, events: [], values }), alone);
  }
});

test("nothing, nothing but zeros, and one value among gaps end in a message or a finite curve", () => {
  const design = new ProphetDesign(GRID, []);
  const gaps = new Float64Array(GRID.length).fill(Number.NaN);
  assert.throws(() => fitProphet(design, gaps), /at least 2 measured values, found 0/);
  gaps[5] = 3;
  assert.throws(() => fitProphet(design, gaps), /found 1/);
  assert.ok(Math.abs(prophetAt(fitProphet(design, new Float64Array(GRID.length)), at(600), STEP, [])) < 1e-9);
});

const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: 1_800,
  season: DAY,
  levels: [0.5, 0.99],
  horizons: [1, 48, 2 * 48],
  tier: "accurate",
  models: ["prophet"],
  seed: 1,
  startsAt: 1_000 * DAY,
};

async function fed(prophet: ProphetFitter, ticks: number) {
  const forecaster = createForecaster(OPTIONS, { prophet });
  for (const value of daily(ticks, 48, 3)) {
    forecaster.update(value);
    await turn();
  }
  return forecaster;
}

test("a forecaster takes a curve over once it has arrived, and it says two days ahead what the day is like", async () => {
  const designs = new SharedDesigns();
  const inline: ProphetFitter = { fit: async (request) => designs.fit(request()), close: async () => {} };
  const early = (await fed(inline, 90)).forecast();
  assert.equal(early.fallbackFrom, "prophet: not fitted yet");
  const forecaster = await fed(inline, 24 * 48 + 3);
  const { model, point, fallbackFrom } = forecaster.forecast();
  assert.deepEqual([model, fallbackFrom], ["prophet", undefined]);
  // The day's trough is where the cosine of `daily` has its least: 45 of 155.
  for (const value of point) assert.ok(value > 20 && value < 80, `${point}`);

  const copy = createForecaster(OPTIONS, { prophet: inline });
  copy.restore(JSON.parse(JSON.stringify(forecaster.snapshot())));
  copy.update(50);
  forecaster.update(50);
  assert.deepEqual(copy.forecast(), forecaster.forecast());
});

test("the worker fits as this thread does, and a fit over its time budget is given up", async (t) => {
  const fitter = createProphetFitter({ budget: 60_000 });
  t.after(() => fitter.close());
  const request = { grid: GRID, events: [], values: series(8) };
  assert.deepEqual(await fitter.fit(() => request), new SharedDesigns().fit(request));
  const hurried = createProphetFitter({ budget: 1 });
  t.after(() => hurried.close());
  await assert.rejects(
    hurried.fit(() => request),
    /prophet: no fit within 1 ms/,
  );
});
