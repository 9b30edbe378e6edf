import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { siblingModule } from "../../../model/sibling.ts";
import type { Forecast, ForecasterOptions, ForecasterSnapshot, SeriesForecaster } from "../forecast.port.ts";
import { createForecaster } from "../forecaster.ts";
import { daily } from "../synthetic.ts";
import { ensembleHere, ensembleWorker, type HostOptions, ThreadedForecastHost } from "./host.ts";

const DAY = 48;
const STEP = 1_800;
const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: STEP,
  season: 86_400,
  levels: [0.5, 0.9, 0.99],
  horizons: [1, 2, 8],
  tier: "balanced",
  seed: 1,
  startsAt: 100 * 86_400,
};

function hostOf(t: TestContext, options: Partial<HostOptions> = {}) {
  const said: string[] = [];
  const host = new ThreadedForecastHost({
    step: STEP,
    season: 86_400,
    workloads: 1,
    say: (text) => said.push(text),
    ensembles: ensembleHere(createForecaster),
    ...options,
  });
  t.after(() => host.end());
  return { host, said };
}

function feed(forecaster: SeriesForecaster, values: Iterable<number>) {
  for (const value of values) forecaster.update(value);
}

const breathe = async () => {};
const soon = () => performance.now() + 5_000;
const values = [...daily(6 * DAY, DAY, 3)];

/** Gives the ensemble the time that its past takes. */
async function learnt(forecaster: SeriesForecaster): Promise<Forecast> {
  for (let i = 0; i < 400; i++) {
    await forecaster.settled!(soon());
    const forecast = forecaster.forecast();
    if (!forecast.fallbackFrom?.startsWith("ensemble")) return forecast;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`the ensemble never answered: ${forecaster.forecast().fallbackFrom}`);
}

test("a series with an ensemble says what the ensemble says", async (t) => {
  const { host } = hostOf(t);
  const hosted = host.create(OPTIONS);
  const alone = createForecaster(OPTIONS, { globalModel: { current: undefined, absence: "none was trained yet" } });
  feed(hosted, values);
  feed(alone, values);
  assert.match(hosted.forecast().fallbackFrom!, /still learning the past/);
  assert.deepEqual(await learnt(hosted), alone.forecast());
  feed(hosted, [50]);
  feed(alone, [50]);
  await hosted.settled!(soon());
  assert.deepEqual(hosted.forecast(), alone.forecast());
});

test("with many workloads the fleet alone answers, at once, and that is no fallback", async (t) => {
  const { host } = hostOf(t, { workloads: 10_000 });
  const hosted = host.create(OPTIONS);
  feed(hosted, values);
  await hosted.settled!(soon());
  const { model, fallbackFrom, issuedAt } = hosted.forecast();
  assert.match(model, /^fleet\(.*seasonal ar\)$/);
  assert.equal(fallbackFrom, undefined);
  assert.equal(issuedAt, OPTIONS.startsAt + values.length * STEP);
  assert.equal(host.fallbacks, 0);
});

test("a tick of all series together gives what each alone would give", async (t) => {
  const run = async (together: boolean) => {
    const { host } = hostOf(t, { workloads: 10_000 });
    const series = Array.from({ length: 30 }, () => host.create(OPTIONS));
    const columns = series.map((_, i) => [...daily(3 * DAY, DAY, i + 1)]);
    for (let tick = 0; tick < 3 * DAY; tick++) {
      series.forEach((one, i) => {
        one.update(columns[i][tick]);
      });
      if (together) await host.advance(async () => {});
    }
    return series.map((one) => one.forecast());
  };
  assert.deepEqual(await run(true), await run(false));
});

test("a model that is made slow holds nothing up: the fleet answers at the deadline, and says so", async (t) => {
  const module = siblingModule(import.meta.url, "./slow-ensemble.fixture");
  const { host } = hostOf(t, { ensembles: ensembleWorker(module) });
  const hosted = host.create(OPTIONS);
  feed(hosted, values);
  await learnt(hosted);
  const before = host.fallbacks;
  hosted.update(1.1e6);
  const started = performance.now();
  await hosted.settled!(started + 50);
  const forecast = hosted.forecast();
  const took = performance.now() - started;
  assert.ok(took >= 45 && took < 1_000, `${took} ms`);
  assert.match(forecast.fallbackFrom!, /ensemble: no answer within \d+ ms/);
  assert.match(forecast.model, /^fleet/);
  assert.equal(forecast.issuedAt, OPTIONS.startsAt + (values.length + 1) * STEP);
  assert.equal(host.fallbacks, before + 1);
  assert.equal(host.figures.fallbacks.deadline, 1);
  assert.ok(host.figures.forecasts >= host.fallbacks);
  // While it is behind it is not waited for.
  hosted.update(50);
  const again = performance.now();
  await hosted.settled!(again + 10_000);
  assert.ok(performance.now() - again < 1_000);
  assert.equal(hosted.forecast().fallbackFrom, "ensemble: 2 ticks behind");
  assert.match((await learnt(hosted)).model, /^ensemble/);
});

test("in the tier balanced a live series has an ARIMA, fitted on a thread of its own", async (t) => {
  const { host } = hostOf(t, { ensembles: ensembleWorker() });
  const hosted = host.create(OPTIONS);
  feed(hosted, values);
  assert.match((await learnt(hosted)).fallbackFrom!, /arima: not fitted yet/);
  for (const value of daily(400, DAY, 4)) {
    hosted.update(value);
    const { model, fallbackFrom } = await learnt(hosted);
    if (!/arima/.test(model)) await new Promise((resolve) => setTimeout(resolve, 50));
    else return assert.equal(fallbackFrom, undefined);
  }
  assert.fail("no fit arrived");
});

test("a thread that ends is begun anew, and the fleet goes on", async (t) => {
  const { host, said } = hostOf(t, { ensembles: ensembleWorker("/nowhere/there-is-no-such-module.js") });
  const hosted = host.create(OPTIONS);
  feed(hosted, values);
  for (let i = 0; i < 200 && said.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(said[0], /the fleet forecasts alone/);
  await host.end();
  assert.match(hosted.forecast().model, /^fleet/);
});

test("a host that follows another forecasts at once what the other would have", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "host-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "forecasts");
  const options = [OPTIONS, { ...OPTIONS, tier: "fast", series: "memory" } as const];
  const { host } = hostOf(t, { file });
  const [one, fast] = options.map((each) => host.create(each));
  feed(one, values);
  feed(fast, values);
  const ensemble = await learnt(one);
  const fleet = fast.forecast();
  await (await host.save(() => [one, fast].map((each) => JSON.stringify(each.snapshot())), breathe)).kept;

  const { host: next, said } = hostOf(t, { file });
  const kept: ForecasterSnapshot[] = [];
  assert.equal(await next.load((text) => kept.push(JSON.parse(text))), true);
  const [two, faster] = options.map((each, i) => {
    const forecaster = next.create(each);
    forecaster.restore(kept[i]);
    return forecaster;
  });
  next.restored();
  assert.deepEqual(faster.forecast(), fleet);
  assert.deepEqual(await learnt(two), ensemble);
  assert.deepEqual(said, []);
  two.update(40);
  one.update(40);
  assert.deepEqual({ ...two.forecast(), fallbackFrom: "" }, { ...one.forecast(), fallbackFrom: "" });
});

test("a file that is damaged, or of other steps, is told and not used", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "host-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "forecasts");
  const { host } = hostOf(t, { file });
  feed(host.create(OPTIONS), values);
  await (await host.save(() => [], breathe)).kept;
  const { host: other, said } = hostOf(t, { file, step: 900 });
  assert.equal(await other.load(() => {}), false);
  assert.match(said[0], /expected forecasts of 900 s a tick/);
});

test("columns that nobody has any more are used again", async (t) => {
  const { host } = hostOf(t, { workloads: 10_000 });
  const bytes = () => {
    feed(host.create(OPTIONS), [1, 2, 3]);
    return host.bytes;
  };
  const first = bytes();
  for (let i = 0; i < 11; i++) bytes();
  assert.equal(bytes() > first, true, "a thirteenth series begins a second shard");
});
