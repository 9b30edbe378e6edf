import assert from "node:assert/strict";
import { test } from "node:test";
import { baseReplicas } from "../../model/capacity.ts";
import { parseCatalogue } from "../../model/catalogue.ts";
import { feedbackEngine, vectorOf } from "./feedback.fixture.ts";
import { pendingReplicas } from "./workload-state.ts";

const CATALOGUE = parseCatalogue(
  `version: 1
provider: test
region: here
asOf: 2026-01-01
source: https://example.com/prices
types:
  first: { family: f, cpu: 2, memory: 8GiB, price: 0.10 USD/h }
  second: { family: f, cpu: 2, memory: 8GiB, price: 0.12 USD/h }
  third: { family: f, cpu: 4, memory: 16GiB, price: 0.40 USD/h }
`,
  "test.yaml",
);

test("a type of which no more are to be had is left for the next one, with an alert until all of it serves", async () => {
  const engine = await feedbackEngine({
    begin: `version: 1\nweb: { owns: desired, replicas: { count: 2 }, perReplica: { instance: first } }\n`,
    constraints:
      "version: 1\nperformance: { utilisation: { cpu: 100% } }\nscales: { memory: none }\nchange: { vertical: auto }\nforecast: { horizon: 1h, tier: fast }\n",
    catalogue: CATALOGUE,
    ready: (capacity) => (capacity.perReplica.instance === "first" ? 2 : baseReplicas(capacity)),
  });
  const replicas = () => (engine.capacity().perReplica.instance === "first" ? 2 : baseReplicas(engine.capacity()));
  const told = () => engine.alerts.map(({ change, alert }) => `${change} ${alert.subject}`);
  const measure = (demand: number) =>
    engine.measure({ demand, vectors: (at) => [vectorOf(at, { replicas: replicas(), demand: { cpu: demand } })] });
  engine.remember(new Array(10).fill(3));
  await measure(3);
  await measure(8);
  assert.deepEqual(engine.capacity().replicas, { count: 4 });
  assert.deepEqual(told(), [], "replicas that are on their way are no alert");
  // Lead time p99 is twice the stated minute before there are measurements.
  for (let tick = 0; tick < 4; tick++) await measure(8);
  assert.equal(engine.capacity().perReplica.instance, "second");
  assert.deepEqual(engine.capacity().replicas, { count: 4 });
  assert.deepEqual(told(), ["opened capacity"]);
  assert.match(engine.alerts[0].alert.text, /web: 2 replicas of first were asked for and have not come/);
  await measure(8);
  await measure(8);
  assert.deepEqual(told(), ["opened capacity", "resolved capacity"]);
  const recorded = (await engine.control.ledger())
    .filter(({ kind }) => kind === "alert")
    .map(({ body }) => body.change);
  assert.deepEqual(recorded, ["opened", "resolved"]);
});

test("replicas count as coming from when more, or others, were asked for", () => {
  const state = { asked: undefined, askedSince: 0, askedAs: undefined };
  const since = (asked: number, as: string, at: number) => pendingReplicas(state, { asked, as }, 1, at)[0]?.since;
  assert.deepEqual(
    [since(2, "a", 10), since(2, "a", 20), since(3, "a", 30), since(2, "a", 40), since(2, "b", 50), since(1, "b", 60)],
    [10, 10, 30, 30, 50, undefined],
  );
});
