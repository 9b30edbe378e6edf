import fc from "fast-check";
import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { SERIES, type SeriesName } from "../../model/dimension.ts";
import type { Forecast, HorizonEvidence } from "../forecast/forecast.port.ts";
import type { DecideInput } from "./decide.port.ts";
import { NOON } from "./decide-fixture.ts";

/** For property tests: inputs of `decide`, sensible and absurd alike. */

const awkward = fc.constantFrom(
  0,
  -0,
  -1,
  1e-12,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
);
const sensible = (max: number) => fc.double({ min: 0, max, noNaN: true });

/** Mostly a sensible number, sometimes any at all. */
function number(max: number) {
  return fc.oneof(
    { weight: 8, arbitrary: sensible(max) },
    { weight: 1, arbitrary: awkward },
    { weight: 1, arbitrary: fc.double() },
  );
}

function optional<T>(arbitrary: fc.Arbitrary<T>) {
  return fc.option(arbitrary, { nil: undefined });
}

const instant = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: NOON - 1200, max: NOON }) },
  { weight: 1, arbitrary: fc.integer({ min: NOON - 1e7, max: NOON + 1e5 }) },
  { weight: 1, arbitrary: awkward },
);

function horizonEvidence(ahead: number, trusted: boolean): HorizonEvidence {
  return { ahead, trusted, reason: "any", samples: 1, skill: 0, coverage: {}, since: NOON };
}

function forecast(series: SeriesName): fc.Arbitrary<Forecast> {
  const levels = [0.1, 0.5, 0.9, 0.99];
  return fc
    .record({
      series: fc.constant(series),
      issuedAt: instant,
      step: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(60, 300) }, { weight: 1, arbitrary: awkward }),
      horizons: fc.constantFrom([1, 6, 12, 16], [1], [], [12, 1], [1, Number.NaN]),
      trusted: fc.boolean(),
      trustedAt: optional(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })),
      scaleOutOnly: optional(fc.boolean()),
      values: fc.array(number(60), { minLength: 16, maxLength: 16 }),
      broken: fc.integer({ min: 0, max: 20 }),
    })
    .map(({ series, issuedAt, step, horizons, trusted, trustedAt, scaleOutOnly, values, broken }) => ({
      series,
      issuedAt,
      step,
      levels: broken === 1 ? [] : levels,
      horizons,
      values: levels
        .slice(broken === 2 ? 1 : 0)
        .map((_, l) => Float64Array.from(horizons.slice(broken === 3 ? 1 : 0), (_, k) => values[(l * 4 + k) % 16])),
      point: new Float64Array(horizons.length),
      model: "any",
      evidence: {
        trusted: trustedAt === undefined ? trusted : horizons.every((_, k) => trustedAt[k]),
        horizons: trustedAt && horizons.map((ahead, k) => horizonEvidence(ahead, trustedAt[k])),
        scaleOutOnly,
        reason: "any",
        samples: 1,
        skill: 0,
        coverage: {},
        historyDays: 1,
      },
    }));
}

const direction = fc.constantFrom("out" as const, "up" as const, "none" as const);
const perDimension = <T>(value: fc.Arbitrary<T>) =>
  fc.record({ cpu: value, memory: value, disk: value, network: value });

const constraints: fc.Arbitrary<Constraints> = fc.record({
  version: fc.constant(1 as const),
  performance: fc.record({ utilisation: perDimension(number(1)), violation: number(0.4) }),
  scales: perDimension(direction),
  availability: fc.record({
    replicas: fc.record({ min: number(20), max: number(60) }),
    zones: number(4),
    survive: fc.constantFrom("none" as const, "zone" as const),
    stateful: fc.boolean(),
    perReplica: fc.record({ cpu: optional(number(8)) }),
  }),
  cost: fc.record({
    max: optional(number(50)),
    onBudget: fc.constantFrom("cap" as const, "alert" as const),
    perReplica: optional(number(2)),
  }),
  limits: fc.record({ instances: fc.constantFrom([], ["a"], ["b", "c*"]) }),
  change: fc.record({
    threshold: perDimension(number(0.2)),
    cooldown: fc.record({ in: number(1200), out: number(600), vertical: number(1200) }),
    step: fc.record({ in: number(1), out: number(2) }),
    windows: fc.constantFrom([], ["22:00-06:00"], ["10:00-14:00"], ["nonsense"]),
    vertical: fc.constantFrom("review" as const, "auto" as const, "none" as const),
    irreversible: fc.constantFrom("approve" as const, "auto" as const),
  }),
  forecast: fc.constant({ tier: "fast" as const, budget: 0.05, horizon: 86_400 }),
});

const capacity: fc.Arbitrary<Capacity> = fc
  .record({
    floors: fc.boolean(),
    count: fc.integer({ min: 0, max: 60 }),
    more: fc.integer({ min: 0, max: 40 }),
    steps: fc.array(fc.record({ wait: fc.integer({ min: 1, max: 900 }), floor: fc.integer({ min: 0, max: 60 }) }), {
      maxLength: 4,
    }),
    perReplica: fc.record({
      cpu: optional(sensible(4)),
      memory: optional(sensible(8)),
      requests: optional(sensible(4)),
      instance: fc.constantFrom(undefined, undefined, "a", "unheard-of"),
    }),
    storage: fc.record({ size: optional(sensible(2000)), throughput: optional(sensible(50)) }),
    network: fc.record({ bandwidth: optional(sensible(50)) }),
  })
  .map(({ floors, count, more, steps, perReplica, storage, network }) => {
    let at = NOON - 900;
    const plan: { at: number; floor: number }[] = [];
    for (const { wait, floor } of steps) {
      at += wait;
      plan.push({ at, floor });
    }
    const parts = { plan, perReplica, storage, network };
    return floors
      ? { owns: "floor" as const, replicas: { floor: count, ceiling: count + more }, ...parts }
      : { owns: "desired" as const, replicas: { count }, ...parts };
  });

function bySeries<T>(value: (series: SeriesName) => fc.Arbitrary<T>) {
  return fc
    .tuple(...SERIES.map((series) => optional(value(series))))
    .map(
      (values) =>
        Object.fromEntries(
          SERIES.flatMap((series, i) => (values[i] === undefined ? [] : [[series, values[i]]])),
        ) as Partial<Record<SeriesName, T>>,
    );
}

const instanceType = fc.record({
  cpu: number(8),
  memory: number(16),
  pricePerHour: number(2),
  disk: optional(number(50)),
  network: optional(number(50)),
});

const leadTime = fc.record({ p95: number(600), p99: number(900) });

export const anyInput: fc.Arbitrary<DecideInput> = fc.record({
  workload: fc.constant("web"),
  now: fc.constant(NOON),
  step: fc.constantFrom(60, 300, 5),
  mode: fc.constantFrom("observe" as const, "review" as const, "auto" as const),
  forecasts: bySeries(forecast),
  demand: bySeries(() => fc.record({ value: number(60), at: instant, censored: fc.boolean() })),
  unmeasured: fc.subarray([...SERIES]),
  fixedPerReplica: bySeries(() => number(3)),
  slo: optional(fc.record({ signal: fc.constant("latency"), value: number(2), below: number(1) })),
  health: fc.record({
    known: number(60),
    reporting: number(60),
    warming: number(5),
    stale: fc.boolean(),
    incident: fc.constantFrom("a collapse", undefined),
  }),
  capacity,
  ready: number(60),
  pending: fc.array(
    fc.record({ replicas: number(20), since: instant, kind: fc.constantFrom("out" as const, "vertical" as const) }),
    { maxLength: 3 },
  ),
  lastActions: fc.array(
    fc.record({
      at: instant,
      direction: fc.constantFrom("in" as const, "out" as const, "up" as const, "down" as const, "plan" as const),
      cpu: optional(fc.record({ from: number(4), to: number(4) })),
    }),
    { maxLength: 3 },
  ),
  leadTime: fc.record({ out: leadTime, in: leadTime, vertical: leadTime }),
  constraints,
  holds: fc.record({
    freeze: optional(fc.record({ all: fc.boolean() })),
    pins: fc.array(
      fc.record({ min: optional(number(80)), max: optional(number(80)), until: instant.map((at) => at + 1000) }),
      { maxLength: 2 },
    ),
  }),
  catalogue: optional(fc.record({ a: instanceType, b: instanceType, c: instanceType })),
  pricePerReplica: optional(number(2)),
  diskPrice: optional(
    fc.record({
      gib: number(1),
      iops: fc.record({ included: number(3000), price: number(1) }),
      throughput: fc.record({ included: number(1e8), price: number(1) }),
    }),
  ),
  memory: optional(
    fc.record({
      releases: fc.array(fc.record({ at: instant, replicas: number(60) }), { maxLength: 4 }),
      unavailable: fc.array(fc.record({ type: fc.constantFrom("a", "b", "gone"), until: instant }), { maxLength: 2 }),
    }),
  ),
  plan: optional(
    fc.record({
      horizon: fc.constantFrom(3600, 86_400),
      granularity: fc.constantFrom(300, 900),
      interval: fc.constant(3600),
      maxSteps: fc.integer({ min: 1, max: 12 }),
    }),
  ),
});
