import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecideInput, InstanceType } from "./decide.port.ts";
import { decide } from "./decide.ts";
import { constraintsOf, cpuDemand, forecastOf, inputOf, NOON } from "./decide-fixture.ts";
import { decodeDecideInput, encodeDecideInput } from "./decide-json.ts";

const GIB = 1024 ** 3;
const types: Record<string, InstanceType> = {
  wide: { cpu: 1, memory: 8 * GIB, pricePerHour: 1 },
  lean: { cpu: 1, memory: 2 * GIB, pricePerHour: 0.5 },
  near: { cpu: 1, memory: 8 * GIB, pricePerHour: 0.9 },
  big: { cpu: 4, memory: 32 * GIB, pricePerHour: 4 },
};

/** Ten replicas with ten cores of demand and 1 GiB each, all of it forecast to stay. */
function typed(change: Partial<DecideInput> = {}): DecideInput {
  const input = inputOf();
  return {
    ...input,
    catalogue: types,
    capacity: { ...input.capacity, perReplica: { instance: "wide" } },
    demand: { ...cpuDemand(10), memory: { value: 10 * GIB, at: NOON, censored: false } },
    forecasts: { cpu: forecastOf("cpu", 10), memory: forecastOf("memory", 10 * GIB) },
    ...change,
  };
}
const chosen = (input: DecideInput) => decide(input).capacity.perReplica.instance;

test("a type that saves is proposed, and waits for a person", () => {
  const decision = decide(typed());
  assert.equal(decision.capacity.perReplica.instance, "lean");
  assert.deepEqual(decision.capacity.replicas, { count: 10 });
  assert.equal(decision.needsReview, true);
  assert.equal(decision.automatic.perReplica.instance, "wide");
  assert.match(decision.reasons.find(({ kind }) => kind === "choice")?.text ?? "", /^lean in place of wide saves 50 %/);
  assert.deepEqual(decision.price, { p10: 5, p50: 5, p90: 5, asked: 5 });
});

test("a saving of less than 15 % changes nothing", () => {
  const { lean, ...others } = types;
  assert.equal(chosen(typed({ catalogue: others })), "wide");
  assert.equal(chosen(typed({ catalogue: { ...others, near: { ...lean, pricePerHour: 0.84 } } })), "near");
});

test("there is one change of type a week, and none while frozen, on bad telemetry or where sizes are to stay", () => {
  const before = (seconds: number) => ({ lastActions: [{ at: NOON - seconds, direction: "type" as const }] });
  assert.equal(chosen(typed(before(6 * 86_400))), "wide");
  assert.equal(chosen(typed(before(8 * 86_400))), "lean");
  assert.equal(chosen(typed({ holds: { freeze: { all: false }, pins: [] } })), "wide");
  assert.equal(chosen(typed({ health: { ...typed().health, stale: true } })), "wide");
  assert.equal(chosen(typed({ constraints: constraintsOf("change: { vertical: none }") })), "wide");
});

test("without a trusted forecast no saving counts", () => {
  assert.equal(chosen(typed({ forecasts: { cpu: forecastOf("cpu", 10) } })), "wide");
});

test("no type with less of what cannot be measured is chosen", () => {
  const withNetwork = (lean: number) => ({
    wide: { ...types.wide, network: 10 },
    lean: { ...types.lean, network: lean },
  });
  assert.equal(chosen(typed({ catalogue: withNetwork(10), unmeasured: ["network"] })), "lean");
  assert.equal(chosen(typed({ catalogue: withNetwork(9), unmeasured: ["network"] })), "wide");
});

test("memory that is used now or expected rules out the types without it", () => {
  assert.equal(
    chosen(typed({ forecasts: { cpu: forecastOf("cpu", 10), memory: forecastOf("memory", 10 * GIB, 20 * GIB) } })),
    "wide",
  );
});

test("where bounds allow too few replicas of the present type a larger one is proposed, though it costs more", () => {
  const constraints = constraintsOf(
    "performance: { utilisation: { cpu: 100% } }\navailability: { replicas: { max: 10 } }",
  );
  const forecasts = { cpu: forecastOf("cpu", 10, 30), memory: forecastOf("memory", 10 * GIB) };
  const { capacity } = decide(typed({ constraints, forecasts }));
  assert.equal(capacity.perReplica.instance, "big");
  assert.deepEqual(capacity.replicas, { count: 3 });
});

test("what is stateful does not get fewer replicas with a larger type", () => {
  const constraints = constraintsOf(
    "performance: { utilisation: { cpu: 100% } }\navailability: { replicas: { max: 10 }, stateful: true }",
  );
  const forecasts = { cpu: forecastOf("cpu", 10, 30), memory: forecastOf("memory", 10 * GIB) };
  const { capacity } = decide(typed({ constraints, forecasts }));
  assert.equal(capacity.perReplica.instance, "big");
  assert.deepEqual(capacity.replicas, { count: 10 });
});

test("a container size is changed as CPU and memory", () => {
  const container = true as const;
  const catalogue = {
    "c-1-8": { ...types.wide, container },
    "c-1-2": { ...types.lean, container },
  };
  const input = typed({ catalogue });
  const perReplica = { cpu: 1, memory: 8 * GIB };
  const { capacity } = decide({ ...input, capacity: { ...input.capacity, perReplica } });
  assert.deepEqual(capacity.perReplica, { cpu: 1, memory: 2 * GIB });
});

test("the evidence gives the same decision", () => {
  const input = typed();
  assert.equal(JSON.stringify(decide(decodeDecideInput(encodeDecideInput(input)))), JSON.stringify(decide(input)));
});

/** Ten replicas asked for, six of which came; four are late since ten minutes. */
const late = (change: Partial<DecideInput> = {}) =>
  typed({
    ready: 6,
    demand: { ...cpuDemand(10), memory: { value: 6 * GIB, at: NOON, censored: false } },
    forecasts: { cpu: forecastOf("cpu", 10), memory: forecastOf("memory", 6 * GIB) },
    health: { known: 6, reporting: 6, warming: 0, stale: false },
    pending: [{ replicas: 4, since: NOON - 600, kind: "out" }],
    constraints: constraintsOf("performance: { utilisation: { cpu: 100% } }\nchange: { vertical: auto }"),
    ...change,
  });

test("a type that does not come is left for the next best at once, whatever it saves and however recent the last change", () => {
  const decision = decide(late({ lastActions: [{ at: NOON - 3600, direction: "type" }], forecasts: {} }));
  assert.equal(decision.automatic.perReplica.instance, "lean");
  assert.deepEqual(decision.capacity.replicas, { count: 10 }, "as many as were asked for, and none on top");
  assert.deepEqual(decision.late, { replicas: 4, type: "wide" });
  assert.match(decision.reasons.find(({ kind }) => kind === "choice")?.text ?? "", /^lean .*wide, which does not come/);
  assert.deepEqual(decision.memory.unavailable, [{ type: "wide", until: NOON + 3600 }]);
});

test("types that did not come are passed over while they are remembered, and looked at again afterwards", () => {
  const remembering = (until: number) => late({ memory: { releases: [], unavailable: [{ type: "lean", until }] } });
  assert.equal(chosen(remembering(NOON + 60)), "near");
  assert.equal(chosen(remembering(NOON)), "lean");
  assert.equal(chosen(typed({ memory: { releases: [], unavailable: [{ type: "lean", until: NOON + 60 }] } })), "wide");
});

test("where no other type serves, the present one stays, and more of it is asked for again", () => {
  const { wide } = types;
  const decision = decide(late({ catalogue: { wide } }));
  assert.equal(decision.capacity.perReplica.instance, "wide");
  assert.deepEqual(decision.capacity.replicas, { count: 14 });
  assert.deepEqual(decision.late, { replicas: 4, type: "wide" });
});

test("a person is asked where changes of type are reviewed", () => {
  const decision = decide(late({ constraints: constraintsOf() }));
  assert.equal(decision.capacity.perReplica.instance, "lean");
  assert.equal(decision.automatic.perReplica.instance, "wide");
  assert.equal(decision.needsReview, true);
});

test("types that the constraints do not allow are not chosen", () => {
  const allowing = (instances: string) =>
    typed({
      constraints: constraintsOf(`performance: { utilisation: { cpu: 100% } }\nlimits: { instances: [${instances}] }`),
    });
  assert.deepEqual([chosen(allowing('"wi*", near')), chosen(allowing("lean"))], ["wide", "lean"]);
});
