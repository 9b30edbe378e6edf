import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ChoiceInput, chooseType, type Load, type TypeSeries } from "./choice.ts";
import type { InstanceType } from "./decide.port.ts";

const SLOTS = 3;
const whole = (min: number, max: number) => fc.integer({ min, max });
const type: fc.Arbitrary<InstanceType> = fc.record({
  cpu: whole(1, 8),
  memory: whole(1, 16),
  network: whole(1, 8),
  pricePerHour: whole(1, 30),
});
const load = (series: TypeSeries): fc.Arbitrary<Load> =>
  fc
    .record({
      adds: fc.boolean(),
      utilisation: fc.constantFrom(0.5, 1),
      most: fc.option(whole(1, 6), { nil: undefined }),
      fixed: fc.constantFrom(0, 0, 0, 1),
      replicas: whole(1, 6),
      demands: fc.array(whole(0, 12), { minLength: SLOTS, maxLength: SLOTS }),
      unknown: fc.boolean(),
    })
    .map(({ demands, unknown, adds, fixed, ...rest }) => ({
      ...rest,
      series,
      adds,
      fixed: unknown && !adds ? undefined : fixed,
      peak: Math.max(...demands),
      slots: demands,
    }));
const input: fc.Arbitrary<ChoiceInput> = fc
  .record({
    types: fc.array(type, { minLength: 1, maxLength: 5 }),
    loads: fc.tuple(load("cpu"), load("memory"), load("network")),
    weights: fc.array(whole(1, 4), { minLength: SLOTS, maxLength: SLOTS }),
    bounds: fc.tuple(whole(0, 4), whole(3, 24)),
    zones: whole(1, 3),
    budget: fc.option(whole(50, 400), { nil: undefined }),
    changeHours: whole(0, 2),
  })
  .map(({ types, bounds: [a, b], ...rest }) => ({
    ...rest,
    types: Object.fromEntries(types.map((one, i) => [`t${i}`, one])),
    present: "t0",
    least: Math.min(a, b),
    most: Math.max(a, b),
  }));

/** Whether so many replicas serve a demand, as a person would check it: what each has of it fits, a zone's replicas gone. */
function serves(one: Load, { [one.series]: figure = 0 }: InstanceType, demand: number, replicas: number): boolean {
  const room = Math.min(figure, one.most ?? Number.POSITIVE_INFINITY) * one.utilisation;
  if (one.fixed === undefined) return demand / one.replicas <= room;
  if (one.fixed > room) return false;
  const driven = Math.max(0, demand - one.fixed * one.replicas);
  return driven === 0 || (replicas > 0 && one.fixed + driven / replicas <= room + 1e-9);
}

/** The least cost of all types and numbers of replicas, each of them tried in each slot. */
function bruteForce(given: ChoiceInput, name: string): number {
  const of = given.types[name];
  const left = (replicas: number) => (given.zones >= 2 ? replicas - Math.ceil(replicas / given.zones) : replicas);
  const enough = (replicas: number, demand: (one: Load) => number) =>
    given.loads.every((one) => !one.adds || serves(one, of, demand(one), left(replicas)));
  const leastOf = (demand: (one: Load) => number) => {
    for (let replicas = given.least; replicas <= given.most; replicas++) if (enough(replicas, demand)) return replicas;
    return Number.POSITIVE_INFINITY;
  };
  const peak = leastOf((one) => one.peak);
  if (peak === Number.POSITIVE_INFINITY || peak * of.pricePerHour > (given.budget ?? Number.POSITIVE_INFINITY))
    return Number.POSITIVE_INFINITY;
  if (given.loads.some((one) => !one.adds && !serves(one, of, one.peak, Math.max(1, peak))))
    return Number.POSITIVE_INFINITY;
  let cost = name === given.present ? 0 : given.changeHours * peak * of.pricePerHour;
  for (let slot = 0; slot < SLOTS; slot++)
    cost += given.weights[slot] * of.pricePerHour * leastOf((one) => one.slots[slot]);
  return cost;
}

test("no type with any number of replicas that serves all loads together costs less", () => {
  let found = 0;
  fc.assert(
    fc.property(input, (given) => {
      const { best, present } = chooseType(given);
      const costs = Object.keys(given.types).map((name) => bruteForce(given, name));
      const least = Math.min(...costs);
      assert.equal(best?.cost ?? Number.POSITIVE_INFINITY, least);
      assert.equal(present?.cost ?? Number.POSITIVE_INFINITY, costs[0]);
      if (least < costs[0]) found++;
    }),
    { numRuns: 2000 },
  );
  assert.ok(found > 100, `another type was the best in only ${found} cases`);
});

test("a type with less of what nothing is known of is left out", () => {
  const common = { utilisation: 1, replicas: 1, peak: 2, slots: [2] };
  const given: ChoiceInput = {
    types: {
      large: { cpu: 2, memory: 8, pricePerHour: 4 },
      lean: { cpu: 2, memory: 4, pricePerHour: 1 },
      equal: { cpu: 2, memory: 8, pricePerHour: 2 },
    },
    present: "large",
    loads: [{ series: "cpu", adds: true, fixed: 0, ...common }],
    weights: [24],
    least: 1,
    most: 10,
    zones: 1,
    changeHours: 0,
  };
  assert.equal(chooseType(given).best?.type, "equal");
});
