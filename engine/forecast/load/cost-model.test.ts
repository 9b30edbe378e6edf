import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { daily, randomNumbers } from "../synthetic.ts";
import { CostModel } from "./cost-model.ts";

const DAY = 288;

interface World {
  readonly days: number;
  readonly seed: number;
  /** Cost of a request at a tick, and what each replica has by itself. */
  readonly cost: (tick: number) => number;
  readonly fixed: number;
  readonly noise?: number;
  readonly replicas?: (load: number, tick: number) => number;
  /** What demand is of its linear part. */
  readonly bend?: (demand: number) => number;
}

/** Feeds a model with a synthetic workload. @returns the model, the ticks at which it noticed a change, and what it expected 20 ticks after the last */
function run({ days, seed, cost, fixed, noise = 0.05, replicas = () => 8, bend = (demand) => demand }: World) {
  const random = randomNumbers(seed + 1);
  const model = new CostModel(DAY);
  const noticed: number[] = [];
  let soon = Number.NaN;
  [...daily(days * DAY, DAY, seed)].forEach((load, tick) => {
    const count = replicas(load, tick);
    const demand = bend(fixed * count + cost(tick) * load) * (1 + noise * (random() + random() + random() - 1.5));
    if (model.update(demand, load, count)) noticed.push(tick);
    if (tick === (noticed.at(-1) ?? Number.NaN) + 20) soon = model.at(100, 8);
  });
  return { model, noticed, soon };
}

test("the cost of load and the part per replica converge to what they are", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { model } = run({
      days: 3,
      seed,
      cost: () => 0.02,
      fixed: 0.1,
      replicas: (load) => 4 + Math.ceil(load / 40),
    });
    const { perLoad, perReplica, perReplicaLow, identified, error } = model.estimate()!;
    assert.ok(Math.abs(perLoad / 0.02 - 1) < 0.05, `cost ${perLoad}`);
    assert.ok(Math.abs(perReplica - 0.1) < 0.03, `part per replica ${perReplica}`);
    assert.ok(perReplicaLow <= 0.1, `at least ${perReplicaLow}`);
    assert.ok(identified && error < 0.06, `error ${error}`);
  }
});

test("replicas that follow the load exactly leave the part per replica unknown, and the sum right", () => {
  const { model } = run({ days: 3, seed: 1, cost: () => 0.02, fixed: 0.1, replicas: (load) => Math.max(1, load / 20) });
  const { perReplicaLow, identified } = model.estimate()!;
  assert.equal(identified, false);
  assert.equal(perReplicaLow, 0);
  assert.ok(Math.abs(model.at(100, 5) / (0.1 * 5 + 2) - 1) < 0.05);
});

test("a cost that a release changes is noticed within 20 ticks, and learnt anew within as many again", () => {
  for (const factor of [1.3, 1.6, 0.7]) {
    for (const seed of [1, 2, 3, 4]) {
      const at = 5 * DAY + 100;
      const cost = (tick: number) => (tick < at ? 0.02 : 0.02 * factor);
      const { model, noticed, soon } = run({ days: 6, seed, cost, fixed: 0.05 });
      assert.equal(noticed.length, 1, `× ${factor}: noticed at ${noticed}`);
      assert.ok(noticed[0] >= at && noticed[0] < at + 20, `× ${factor}: noticed ${noticed[0] - at} ticks after`);
      assert.ok(Math.abs(soon / (0.4 + 2 * factor) - 1) < 0.08, `× ${factor}: ${soon} expected 20 ticks after`);
      const change = model.estimate()?.change;
      assert.ok(change !== undefined && Math.abs(change.factor / factor - 1) < 0.15, `${change?.factor}`);
    }
  }
});

test("neither noise, nor mad ticks, nor demand that is not in proportion, passes for a release", () => {
  for (const seed of [1, 2, 3]) {
    const steady = { days: 14, seed, cost: () => 0.02, fixed: 0.1 };
    assert.deepEqual(run(steady).noticed, [], "noise");
    const random = randomNumbers(seed);
    assert.deepEqual(run({ ...steady, bend: (demand) => (random() < 0.01 ? 20 * demand : demand) }).noticed, [], "mad");
    const curved = run({ ...steady, bend: (demand) => demand * (1 + demand / 10) }).noticed;
    assert.ok(
      curved.every((tick) => tick < 2 * DAY),
      `curved: noticed at ${curved}`,
    );
  }
});

test("a restart changes nothing, and a model of other ticks is refused", () => {
  const { model } = run({ days: 2, seed: 1, cost: () => 0.02, fixed: 0.1 });
  const again = new CostModel(DAY);
  again.restore(JSON.parse(JSON.stringify(model.snapshot())));
  model.update(3, 100, 8);
  again.update(3, 100, 8);
  assert.deepEqual(again.snapshot(), model.snapshot());
  assert.deepEqual(again.estimate(), model.estimate());
  assert.throws(() => new CostModel(12).restore(model.snapshot()), /expected a state of/);
});

test("whatever comes in, all that is said is finite and not negative", () => {
  const absurd = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, 0, -1, 1e99, 1e300, 5e-324, Number.POSITIVE_INFINITY),
    fc.double({ min: 0, max: 100, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(absurd, absurd, absurd), { minLength: 40, maxLength: 120 }), (ticks) => {
      const model = new CostModel(8);
      for (const [demand, load, replicas] of ticks) {
        model.update(demand, load, replicas);
        const { change, identified, ...numbers } = model.estimate() ?? { identified: true };
        assert.equal(typeof identified, "boolean");
        for (const number of [...Object.values(numbers), change?.factor ?? 1])
          assert.ok(Number.isFinite(number) && number >= 0, JSON.stringify(numbers));
      }
    }),
    { numRuns: 150 },
  );
});
