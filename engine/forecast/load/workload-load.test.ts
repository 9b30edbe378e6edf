import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeriesName } from "../../../model/dimension.ts";
import { type ForecasterOptions, quantileAt } from "../forecast.port.ts";
import { createForecaster } from "../forecaster.ts";
import { daily, randomNumbers } from "../synthetic.ts";
import { WorkloadLoad } from "./workload-load.ts";

const DAY = 96;
const LEVELS = [0.1, 0.5, 0.99];
const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: 900,
  season: 86_400,
  levels: LEVELS,
  horizons: [1, 2, 4, 8],
  tier: "fast",
  seed: 1,
  startsAt: 0,
};
const LOAD = { season: DAY, levels: LEVELS, ahead: 2 };

/** Twelve days of a workload whose cost of a request a release changes in the tenth day. */
function run({ factor = 1, fixed = 0.2 } = {}) {
  const random = randomNumbers(3);
  const load = new WorkloadLoad(LOAD);
  const cpu = createForecaster(OPTIONS);
  const requests = createForecaster({ ...OPTIONS, series: "requests" });
  const releasedAt = 9.3 * DAY;
  const changes: number[] = [];
  const losses = { own: 0, chosen: 0, count: 0 };
  let [last, replicas] = [Number.NaN, 6];
  [...daily(12 * DAY, DAY, 4)].forEach((rate, tick) => {
    replicas = 4 + Math.ceil(rate / 50);
    const cost = tick < releasedAt ? 0.02 : 0.02 * factor;
    const value = fixed * replicas + cost * rate * (1 + 0.03 * (random() - 0.5));
    if (tick > 6 * DAY) {
      const own = cpu.forecast();
      const chosen = load.better("cpu", replicas, requests.forecast()) ?? own;
      losses.own += Math.abs(value - quantileAt(own, 0.5, 1));
      losses.chosen += Math.abs(value - quantileAt(chosen, 0.5, 1));
      losses.count++;
    }
    cpu.update(value);
    requests.update(rate);
    const demand = new Map<SeriesName, number>([["cpu", value]]);
    const forecasts = { cpu: cpu.forecast(), requests: requests.forecast() };
    if (load.update({ demand, loads: { requests: rate }, replicas, forecasts }).length > 0) changes.push(tick);
    last = value;
  });
  return { load, changes, releasedAt, losses, last, replicas, requests: requests.forecast() };
}

test("the part per replica and the cost of a request are learnt, with their error", () => {
  const { load } = run();
  const [{ series, signal, estimate }] = load.costs();
  assert.deepEqual([series, signal], ["cpu", "requests"]);
  assert.ok(Math.abs(estimate.perLoad / 0.02 - 1) < 0.05, `${estimate.perLoad}`);
  const { cpu } = load.fixedPerReplica();
  assert.ok(cpu !== undefined && cpu > 0.1 && cpu <= 0.21, `${cpu}`);
});

test("a release is said once, soon", () => {
  const { changes, releasedAt } = run({ factor: 1.5 });
  assert.equal(changes.length, 1);
  assert.ok(changes[0] >= releasedAt && changes[0] <= releasedAt + 15, `${changes[0] - releasedAt} ticks after`);
});

test("without a load signal nothing is said", () => {
  const load = new WorkloadLoad(LOAD);
  for (let tick = 0; tick < 200; tick++)
    load.update({ demand: new Map([["cpu", 3]]), loads: {}, replicas: 4, forecasts: {} });
  assert.deepEqual(load.costs(), []);
  assert.deepEqual(load.fixedPerReplica(), {});
  assert.equal(load.better("cpu", 4, undefined), undefined);
});

test("where demand's own past says as much as load does, it speaks for itself", () => {
  const { load, requests, replicas, losses } = run();
  assert.equal(load.better("cpu", replicas, requests), undefined);
  assert.equal(losses.chosen, losses.own);
});

/** Demand that has only been measured for a day and a half, of a workload whose requests were counted for ten days. */
function fresh() {
  const random = randomNumbers(8);
  const load = new WorkloadLoad(LOAD);
  const cpu = createForecaster(OPTIONS);
  const requests = createForecaster({ ...OPTIONS, series: "requests" });
  const rates = [...daily(10 * DAY, DAY, 6)];
  rates.forEach((rate, tick) => {
    requests.update(rate);
    if (tick < 8.5 * DAY) return;
    const value = 1.2 + 0.02 * rate * (1 + 0.1 * (random() - 0.5));
    cpu.update(value);
    const forecasts = { cpu: cpu.forecast(), requests: requests.forecast() };
    load.update({ demand: new Map([["cpu", value]]), loads: { requests: rate }, replicas: 6, forecasts });
  });
  return { load, cpu: cpu.forecast(), requests: requests.forecast() };
}

test("where demand is new and its load is known for long, load times cost forecasts it, and is trusted as the load is", () => {
  const { load, cpu, requests } = fresh();
  assert.equal(cpu.evidence.trusted, false);
  const forecast = load.better("cpu", 6, requests);
  if (forecast === undefined) return assert.fail("the forecast by load was no better");
  assert.equal(forecast.evidence.trusted, requests.evidence.trusted);
  assert.equal(forecast.evidence.trusted, true, requests.evidence.reason);
  assert.match(forecast.model, /requests × cost/);
  assert.match(forecast.evidence.reason, /less loss than by its own past/);
  forecast.horizons.forEach((_, k) => {
    const column = forecast.values.map((row) => row[k]);
    assert.ok(column.every((value, l) => Number.isFinite(value) && value >= 0 && (l === 0 || value >= column[l - 1])));
  });
});

test("a restart changes nothing, and a state of other options is refused", () => {
  const { load, requests } = fresh();
  const replicas = 6;
  const again = new WorkloadLoad(LOAD);
  again.restore(JSON.parse(JSON.stringify(load.snapshot())));
  assert.deepEqual(again.costs(), load.costs());
  assert.deepEqual(again.better("cpu", replicas, requests), load.better("cpu", replicas, requests));
  assert.throws(() => new WorkloadLoad({ ...LOAD, season: 5 }).restore(load.snapshot()), /other options/);
  const farther = new WorkloadLoad({ ...LOAD, ahead: 5 });
  farther.restore(load.snapshot());
  assert.deepEqual(farther.costs(), load.costs());
  assert.equal(farther.better("cpu", replicas, requests), undefined);
});
