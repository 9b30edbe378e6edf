import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { baseReplicas } from "../../model/capacity.ts";
import type { DecideInput } from "./decide.port.ts";
import { decide } from "./decide.ts";
import { constraintsOf, cpuDemand, forecastOf, inputOf, NOON } from "./decide-fixture.ts";

const count = (change: Partial<DecideInput>) => baseReplicas(decide(inputOf(change)).capacity);
const kinds = (change: Partial<DecideInput>) => decide(inputOf(change)).reasons.map(({ kind }) => kind);
const quiet = { demand: cpuDemand(4), forecasts: { cpu: forecastOf("cpu", 4) } };

describe("growth", () => {
  test("capacity is added before the demand comes", () => {
    assert.equal(count({ forecasts: { cpu: forecastOf("cpu", 14) } }), 14);
  });

  test("present demand is served without a forecast", () => {
    assert.equal(count({ demand: cpuDemand(17) }), 17);
  });

  test("a forecast without proof adds nothing, and says so", () => {
    const forecasts = { cpu: forecastOf("cpu", 14, 14, false) };
    assert.equal(count({ forecasts }), 10);
    assert.ok(kinds({ forecasts }).includes("untrusted"));
  });

  test("the forecast never starves what is running", () => {
    assert.equal(count({ demand: cpuDemand(12), forecasts: { cpu: forecastOf("cpu", 5) } }), 12);
  });

  test("a forecast within the threshold changes nothing; present demand does", () => {
    const constraints = constraintsOf(
      "performance: { utilisation: { cpu: 100% } }\nchange: { threshold: { cpu: 20% } }",
    );
    assert.equal(count({ constraints, forecasts: { cpu: forecastOf("cpu", 12) } }), 10);
    assert.equal(count({ constraints, demand: cpuDemand(12) }), 12);
  });

  test("the step binds the forecast, not present demand", () => {
    const constraints = constraintsOf("performance: { utilisation: { cpu: 100% } }\nchange: { step: { out: 20% } }");
    assert.equal(count({ constraints, forecasts: { cpu: forecastOf("cpu", 30) } }), 12);
    assert.equal(count({ constraints, demand: cpuDemand(30) }), 30);
  });

  test("outside the windows only present demand adds capacity", () => {
    const constraints = constraintsOf(
      'performance: { utilisation: { cpu: 100% } }\nchange: { windows: ["22:00-06:00"] }',
    );
    assert.equal(count({ constraints, forecasts: { cpu: forecastOf("cpu", 14) } }), 10);
    assert.equal(count({ constraints, demand: cpuDemand(14) }), 14);
    assert.equal(count({ constraints, ...quiet }), 10);
  });

  test("capacity that is on its way is not asked for twice", () => {
    const asked = inputOf({ demand: cpuDemand(14) });
    const next = decide({
      ...asked,
      capacity: decide(asked).capacity,
      pending: [{ replicas: 4, since: NOON, kind: "out" }],
    });
    assert.equal(next.changed, false);
  });

  test("capacity that is later than ever no longer counts as coming", () => {
    const pending = [{ replicas: 4, since: NOON - 500, kind: "out" as const }];
    const decision = decide(inputOf({ pending, ready: 6 }));
    assert.equal(baseReplicas(decision.capacity), 14);
    assert.ok(decision.reasons.some(({ kind, text }) => kind === "short" && /4 replicas/.test(text)));
  });

  test("the dimension that needs most decides", () => {
    const capacity = { ...inputOf().capacity, network: { bandwidth: 100 } };
    const demand = { ...cpuDemand(10), network: { value: 1050, at: NOON, censored: false } };
    assert.equal(count({ capacity, demand }), 15);
  });

  test("demand that a limit holds back grows by a step", () => {
    const capacity = { ...inputOf().capacity, network: { bandwidth: 100 } };
    const demand = { ...cpuDemand(5), network: { value: 700, at: NOON, censored: true } };
    assert.equal(count({ capacity, demand }), 15);
  });

  test("constant memory per replica never adds replicas, even where memory scales out", () => {
    const constraints = constraintsOf("scales: { memory: out, cpu: none }");
    let input = inputOf({ constraints, capacity: { ...inputOf().capacity, perReplica: { memory: 100 } } });
    for (const fixedPerReplica of [undefined, { memory: 95 }])
      for (let tick = 0; tick < 5; tick++) {
        const replicas = baseReplicas(input.capacity);
        const demand = { memory: { value: 95 * replicas, at: NOON, censored: false } };
        const forecasts = { memory: forecastOf("memory", 95 * replicas) };
        input = { ...input, demand, forecasts, fixedPerReplica, ready: replicas };
        input = { ...input, capacity: decide(input).capacity };
        assert.ok(baseReplicas(input.capacity) <= 10);
      }
  });
});

describe("release", () => {
  test("capacity is released when the forecast sees no need of it", () => {
    assert.equal(count(quiet), 4);
  });

  test("nothing is released for a forecast that peaks soon", () => {
    const forecast = forecastOf("cpu", 4);
    for (const row of forecast.values) row[1] = 10;
    assert.equal(count({ ...quiet, forecasts: { cpu: forecast } }), 10);
  });

  test("without a forecast, what was needed within six cool-downs is kept, what was needed before it is not", () => {
    const memory = (ago: number) => ({ releases: [{ at: NOON - ago, replicas: 9 }] });
    assert.equal(count({ demand: cpuDemand(4), memory: memory(3000) }), 9);
    assert.equal(count({ demand: cpuDemand(4), memory: memory(3601) }), 4);
    assert.equal(count({ ...quiet, memory: memory(300) }), 4);
  });

  test("small releases are left alone", () => {
    const capacity = { ...inputOf().capacity, replicas: { count: 100 } };
    const health = { known: 100, reporting: 100, warming: 0, stale: false };
    assert.equal(count({ capacity, health, ready: 100, demand: cpuDemand(91) }), 100);
    assert.equal(count({ capacity, health, ready: 100, demand: cpuDemand(90) }), 90);
  });

  test("a scale-in waits for the cool-down of the last", () => {
    const lastActions = [{ at: NOON - 300, direction: "in" as const }];
    assert.equal(count({ ...quiet, lastActions }), 10);
  });

  test("the step is a share a minute since the last scale-in", () => {
    const lastActions = [{ at: NOON - 120, direction: "in" as const }];
    const constraints = constraintsOf(
      "performance: { utilisation: { cpu: 100% } }\nchange: { cooldown: { in: 1m }, step: { in: 20% } }",
    );
    assert.equal(count({ ...quiet, constraints, lastActions }), 7);
  });

  test("a stateful workload is never scaled in", () => {
    const constraints = constraintsOf("performance: { utilisation: { cpu: 100% } }\navailability: { stateful: true }");
    assert.equal(count({ ...quiet, constraints }), 10);
  });

  const broken: [string, Partial<DecideInput>][] = [
    ["missing", { demand: {} }],
    ["not a number", { demand: cpuDemand(Number.NaN) }],
    ["negative", { demand: cpuDemand(-1) }],
    ["infinite", { demand: cpuDemand(Number.POSITIVE_INFINITY) }],
    ["zero", { demand: cpuDemand(0) }],
    ["absurd", { demand: cpuDemand(1e9) }],
    ["old", { demand: { cpu: { value: 4, at: NOON - 600, censored: false } } }],
    ["stale as a whole", { health: { known: 10, reporting: 10, warming: 0, stale: true } }],
    ["from too few replicas", { health: { known: 10, reporting: 8, warming: 0, stale: false } }],
    [
      "of an incident",
      { health: { known: 10, reporting: 10, warming: 0, stale: false, incident: "traffic collapse" } },
    ],
  ];
  for (const [what, change] of broken)
    test(`telemetry that is ${what} releases nothing and adds nothing, and is named`, () => {
      assert.equal(count({ ...quiet, ...change }), 10);
      assert.ok(kinds({ ...quiet, ...change }).some((kind) => kind === "telemetry" || kind === "incident"));
    });

  test("replicas in warm-up need not report", () => {
    assert.equal(count({ ...quiet, health: { known: 10, reporting: 8, warming: 2, stale: false } }), 4);
  });

  test("replicas that do not report are counted, and stand in the way when they are many", () => {
    const reporting = (some: number) => ({ known: 20, reporting: some, warming: 0, stale: false });
    const missing = (some: number) =>
      decide(inputOf({ ...quiet, health: reporting(some) })).reasons.filter(({ text }) => text.includes("missing"));
    assert.deepEqual(missing(20), []);
    assert.match(missing(19)[0].text, /^1 of 20 replicas are missing/);
    assert.match(missing(13)[0].text, /^7 of 20 replicas are missing: .* nothing is released/);
    assert.ok(count({ ...quiet, health: reporting(19) }) < 10);
    assert.equal(count({ ...quiet, health: reporting(13) }), 10);
  });

  test("a series that no source can measure does not stand in the way", () => {
    const capacity = { ...inputOf().capacity, network: { bandwidth: 100 } };
    assert.equal(count({ ...quiet, capacity }), 10);
    assert.equal(count({ ...quiet, capacity, unmeasured: ["network"] }), 4);
  });
});

test("where nothing says how many replicas are needed, there are as many as before", () => {
  const constraints = constraintsOf("scales: { cpu: none }");
  assert.equal(decide(inputOf({ constraints, demand: {} })).changed, false);
  assert.equal(decide(inputOf({ unmeasured: ["cpu"], demand: {} })).changed, false);
});

describe("precedence", () => {
  test("a budget cuts present demand, and what is short is said", () => {
    const constraints = constraintsOf(
      "performance: { utilisation: { cpu: 100% } }\ncost: { max: 12 USD/h, onBudget: cap }",
    );
    const decision = decide(inputOf({ constraints, demand: cpuDemand(20), pricePerReplica: 1 }));
    assert.equal(baseReplicas(decision.capacity), 12);
    assert.deepEqual(decision.short, { wanted: 20, granted: 12, by: "budget", rescue: true });
  });

  test("a budget that only alerts cuts nothing", () => {
    const constraints = constraintsOf(
      "performance: { utilisation: { cpu: 100% } }\ncost: { max: 12 USD/h, onBudget: alert }",
    );
    const decision = decide(inputOf({ constraints, demand: cpuDemand(20), pricePerReplica: 1 }));
    assert.equal(baseReplicas(decision.capacity), 20);
    assert.ok(decision.reasons.some(({ kind }) => kind === "budget"));
  });

  test("availability goes before the budget, a person's bound before availability", () => {
    const budget = "performance: { utilisation: { cpu: 100% } }\ncost: { max: 3 USD/h, onBudget: cap }\n";
    const constraints = constraintsOf(`${budget}availability: { replicas: { min: 6, max: 50 } }`);
    assert.equal(count({ constraints, pricePerReplica: 1 }), 6);
    const pins = [{ max: 5, until: NOON + 60 }];
    assert.equal(count({ constraints, pricePerReplica: 1, holds: { pins } }), 5);
  });

  test("the greatest number allowed holds for present demand and for pins", () => {
    const constraints = constraintsOf(
      "performance: { utilisation: { cpu: 100% } }\navailability: { replicas: { max: 12 } }",
    );
    assert.equal(count({ constraints, demand: cpuDemand(20) }), 12);
    assert.equal(count({ constraints, holds: { pins: [{ min: 40, until: NOON + 60 }] } }), 12);
  });

  test("a pin acts until it ends", () => {
    assert.equal(count({ holds: { pins: [{ min: 40, until: NOON + 60 }] } }), 40);
    assert.equal(count({ holds: { pins: [{ min: 40, until: NOON }] } }), 10);
  });

  test("a freeze stops release and forecast; rescue of present demand goes on, unless all is frozen", () => {
    const holds = { freeze: { all: false }, pins: [] };
    assert.equal(count({ ...quiet, holds }), 10);
    assert.equal(count({ holds, forecasts: { cpu: forecastOf("cpu", 14) } }), 10);
    assert.equal(count({ holds, demand: cpuDemand(14) }), 14);
    assert.equal(count({ holds: { freeze: { all: true }, pins: [] }, demand: cpuDemand(14) }), 10);
  });

  test("with a zone to survive, what is needed is there without it", () => {
    const constraints = constraintsOf(
      "performance: { utilisation: { cpu: 100% } }\navailability: { zones: 3, survive: zone, replicas: { min: 1 } }",
    );
    assert.equal(count({ constraints, demand: cpuDemand(12) }), 18);
  });

  test("the price is given as a range", () => {
    const { price } = decide(inputOf({ forecasts: { cpu: forecastOf("cpu", 14) }, pricePerReplica: 0.5 }));
    assert.deepEqual(price, { p10: 7, p50: 7, p90: 7, asked: 7 });
  });
});

describe("a plan in the file", () => {
  const capacity = {
    ...inputOf().capacity,
    plan: [
      { at: NOON - 60, floor: 12 },
      { at: NOON + 600, floor: 4 },
    ],
  };

  test("the step that has begun is what is asked for", () => {
    assert.equal(decide(inputOf({ capacity, demand: cpuDemand(12) })).changed, false);
  });

  test("a new count takes effect over the step that has begun, and the steps ahead stay", () => {
    const { capacity: next } = decide(inputOf({ capacity, demand: cpuDemand(15) }));
    assert.deepEqual([next.replicas, next.plan], [{ count: 15 }, [{ at: NOON + 600, floor: 4 }]]);
  });

  test("a freeze takes out steps that go down", () => {
    const holds = { freeze: { all: false }, pins: [] };
    assert.deepEqual(decide(inputOf({ capacity, holds, demand: cpuDemand(12) })).capacity.plan, []);
  });
});

describe("a forecast that was borrowed", () => {
  const borrowed = (value: number) => {
    const forecast = forecastOf("cpu", value);
    return { cpu: { ...forecast, evidence: { ...forecast.evidence, scaleOutOnly: true } } };
  };

  test("adds capacity", () => {
    assert.deepEqual(decide(inputOf({ forecasts: borrowed(15) })).capacity.replicas, { count: 15 });
  });

  test("never releases what was needed within the hold, and makes no plan", () => {
    const memory = { releases: [{ at: NOON - 60, replicas: 10 }] };
    const plan = { horizon: 3600, granularity: 300, interval: 3600, maxSteps: 10 };
    const low = { demand: cpuDemand(4), memory, plan };
    const own = decide(inputOf({ ...low, forecasts: { cpu: forecastOf("cpu", 4) } }));
    assert.ok((own.capacity.replicas as { count: number }).count < 10);
    const other = decide(inputOf({ ...low, forecasts: borrowed(4) }));
    assert.deepEqual(other.capacity.replicas, { count: 10 });
    assert.deepEqual(other.capacity.plan, []);
  });
});
