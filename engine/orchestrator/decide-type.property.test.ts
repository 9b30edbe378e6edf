import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide } from "./decide.ts";
import { constraintsOf, cpuDemand, forecastOf, inputOf, NOON } from "./decide-fixture.ts";
import { decodeDecideInput, encodeDecideInput } from "./decide-json.ts";

const whole = (min: number, max: number) => fc.integer({ min, max });
const type = fc.record({ cpu: whole(1, 8), memory: whole(1, 16), pricePerHour: whole(1, 20) });

test("a change of type keeps bounds, budget and one-way rules, waits for a person, and is decided again from its evidence", () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.record({ a: type, b: type, c: type }),
      whole(1, 40),
      whole(1, 40),
      whole(1, 16),
      fc.boolean(),
      fc.option(whole(20, 200), { nil: undefined }),
      (catalogue, cpu, later, max, stateful, budget) => {
        const cost = budget === undefined ? "" : `\ncost: { max: ${budget} USD/h, onBudget: cap }`;
        const input = inputOf({
          catalogue,
          capacity: { ...inputOf().capacity, perReplica: { instance: "a" } },
          constraints: constraintsOf(
            `performance: { utilisation: { cpu: 100% } }\navailability: { replicas: { max: ${max} }, stateful: ${stateful} }${cost}`,
          ),
          demand: { ...cpuDemand(cpu), memory: { value: 20, at: NOON, censored: false } },
          forecasts: { cpu: forecastOf("cpu", cpu, later), memory: forecastOf("memory", 20) },
        });
        const decision = decide(input);
        assert.equal(JSON.stringify(decide(decodeDecideInput(encodeDecideInput(input)))), JSON.stringify(decision));
        const chosen = decision.capacity.perReplica.instance as keyof typeof catalogue;
        if (chosen === "a") return;
        found++;
        const { replicas } = decision.capacity;
        const count = "count" in replicas ? replicas.count : Number.NaN;
        assert.ok(Number.isInteger(count) && count >= 1 && count <= max, `${count} of ${max}`);
        if (stateful) assert.ok(count >= Math.min(max, 10));
        if (budget !== undefined) assert.ok(count * catalogue[chosen].pricePerHour <= budget + 1e-6 || count === 1);
        assert.equal(decision.needsReview, true);
        assert.equal(decision.automatic.perReplica.instance, "a");
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(found > 20, `another type was proposed in only ${found} cases`);
});
