import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Capacity, replicasAt } from "../../model/capacity.ts";
import type { DecideInput, Decision } from "./decide.port.ts";
import { decide } from "./decide.ts";
import { anyInput } from "./decide-arbitrary.ts";
import { decodeDecideInput, digestDecideInput, encodeDecideInput } from "./decide-json.ts";
import { chosenCpu } from "./grown-cpu.ts";

const RUNS = { numRuns: Number(process.env.PROPERTY_RUNS ?? 500) };

function holds(property: (input: DecideInput, decision: Decision) => void) {
  fc.assert(
    fc.property(anyInput, (input) => property(input, decide(input))),
    RUNS,
  );
}

const asked = ({ capacity, now }: DecideInput) => replicasAt(capacity, now);
const granted = (input: DecideInput, { capacity }: Decision) => replicasAt(capacity, input.now);
const most = (input: DecideInput) => {
  const { max } = input.constraints.availability.replicas;
  return Number.isFinite(max) ? Math.max(0, Math.floor(max)) : 1_000_000;
};
const pins = (input: DecideInput) => input.holds.pins.filter(({ until }) => until > input.now);
/** Where nothing may go down, whatever else holds. */
const oneWay = (input: DecideInput) => input.constraints.availability.stateful || input.holds.freeze !== undefined;

function everyNumber(value: unknown, visit: (n: number) => void): void {
  if (typeof value === "number") visit(value);
  else if (typeof value === "object" && value !== null)
    for (const part of Object.values(value)) everyNumber(part, visit);
}

function figures({ perReplica, storage, network }: Capacity) {
  return {
    cpu: perReplica.cpu,
    memory: perReplica.memory,
    disk: storage.throughput,
    storage: storage.size,
    network: network.bandwidth,
  };
}

test("nothing that is not finite ever leaves, and replicas are whole numbers from zero on", () => {
  holds((input, decision) => {
    const { reasons, ...rest } = decision;
    everyNumber({ ...rest, reasons: reasons.map(({ text: _, ...fields }) => fields) }, (n) =>
      assert.ok(Number.isFinite(n)),
    );
    const counts = [granted(input, decision), ...decision.capacity.plan.map(({ floor }) => floor)];
    for (const count of counts) assert.ok(Number.isInteger(count) && count >= 0 && count <= 1_000_000);
  });
});

test("more than a person allows is never asked for; what already is goes unless one-way", () => {
  holds((input, decision) => {
    if (input.holds.freeze?.all) return;
    const count = granted(input, decision);
    assert.ok(count <= (oneWay(input) ? Math.max(asked(input), most(input)) : most(input)));
    for (const { max } of pins(input))
      if (max !== undefined && Number.isFinite(max) && !oneWay(input)) assert.ok(count <= Math.max(0, Math.floor(max)));
  });
});

test("whatever is proposed keeps to what a person allows in every figure: base, each step of the plan, ceiling", () => {
  holds((input, decision) => {
    const bad = decision.reasons.some(({ kind }) => kind === "telemetry" || kind === "incident");
    if (oneWay(input) || bad || !decision.changed) return;
    const { replicas, plan } = decision.capacity;
    const tops = pins(input).map(({ max }) => (Number.isFinite(max) ? Math.max(0, Math.floor(max!)) : 1e6));
    const top = Math.min(most(input), ...tops);
    const { min } = input.constraints.availability.replicas;
    const least = Math.min(top, Number.isFinite(min) ? Math.max(0, Math.ceil(min)) : 0);
    for (const figure of [...Object.values(replicas), ...plan.map(({ floor }) => floor)])
      assert.ok(figure >= least && figure <= top, `${figure} of ${least} to ${top}`);
  });
});

test("least replicas and pins hold within what a person allows", () => {
  holds((input, decision) => {
    if (input.holds.freeze?.all) return;
    const count = granted(input, decision);
    const { min } = input.constraints.availability.replicas;
    const tops = [
      most(input),
      ...pins(input).map(({ max }) => (max !== undefined && Number.isFinite(max) ? Math.max(0, Math.floor(max)) : 1e6)),
    ];
    for (const least of [min, ...pins(input).map((pin) => pin.min)])
      if (least !== undefined && Number.isFinite(least)) assert.ok(count >= Math.min(Math.max(0, least), 1e6, ...tops));
  });
});

test("one-way: a stateful or frozen workload never loses a replica, now or by plan, nor storage its size", () => {
  holds((input, decision) => {
    const storage = input.capacity.storage.size;
    if (storage !== undefined) assert.ok(decision.capacity.storage.size! >= storage);
    if (!oneWay(input)) return;
    assert.ok(granted(input, decision) >= asked(input));
    if (input.holds.freeze?.all) return assert.deepEqual(decision.capacity, input.capacity);
    let at = granted(input, decision);
    for (const { at: from, floor } of decision.capacity.plan) {
      if (from <= input.now) continue;
      // A bound below what is there already may stand in the plan only where no step goes under what is there.
      assert.ok(floor >= Math.min(at, asked(input)));
      at = floor;
    }
  });
});

test("missing, stale, zero or absurd data, an incident and silent replicas never release anything; only a person may", () => {
  holds((input, decision) => {
    const bad = decision.reasons.some(({ kind }) => kind === "telemetry" || kind === "incident");
    if (!bad) return;
    const tops = [
      most(input),
      ...pins(input).map(({ max }) => (max !== undefined && Number.isFinite(max) ? Math.max(0, Math.floor(max)) : 1e6)),
    ];
    assert.ok(granted(input, decision) >= Math.min(asked(input), ...tops));
    const [before, after] = [figures(input.capacity), figures(decision.capacity)];
    for (const key of Object.keys(before) as (keyof typeof before)[])
      if (before[key] !== undefined) assert.ok(after[key]! >= before[key]);
  });
});

test("data is called bad whenever a series that counts lacks a good value", () => {
  fc.assert(
    fc.property(anyInput, fc.constantFrom(undefined, Number.NaN, -5, Number.POSITIVE_INFINITY), (input, value) => {
      if (input.holds.freeze?.all || !(input.capacity.perReplica.cpu! > 0) || input.constraints.scales.cpu === "none")
        return;
      const { cpu: _, ...demand } = input.demand;
      const broken = {
        ...input,
        unmeasured: [],
        demand: value === undefined ? demand : { ...demand, cpu: { value, at: input.now, censored: false } },
      };
      assert.ok(decide(broken).reasons.some(({ kind, series }) => kind === "telemetry" && series === "cpu"));
    }),
    RUNS,
  );
});

test("a budget that caps is exceeded for availability, pins and one-way rules alone", () => {
  holds((input, decision) => {
    const { max, onBudget } = input.constraints.cost;
    const price = input.pricePerReplica ?? input.constraints.cost.perReplica;
    if (onBudget !== "cap" || max === undefined || !(price! > 0) || !(max >= 0) || !Number.isFinite(max / price!))
      return;
    if (input.capacity.owns === "floor" || oneWay(input)) return;
    if (decision.reasons.some(({ kind }) => kind === "telemetry" || kind === "incident")) return;
    const { min } = input.constraints.availability.replicas;
    const excused = [
      Number.isFinite(min) ? Math.ceil(min) : 1,
      input.constraints.availability.survive === "zone"
        ? Math.ceil(Math.min(1000, input.constraints.availability.zones || 1))
        : 0,
    ];
    for (const pin of pins(input))
      if (pin.min !== undefined && Number.isFinite(pin.min)) excused.push(Math.ceil(pin.min));
    assert.ok(
      granted(input, decision) <=
        Math.max(Math.floor(max / price! + 1e-6), ...excused.filter((n) => Number.isFinite(n))),
    );
  });
});

test("present demand is served unless a bound, a pin, a budget or a full freeze stands above it, and then it is said", () => {
  holds((input, decision) => {
    if (input.holds.freeze?.all || input.capacity.owns === "floor") return;
    const count = granted(input, decision);
    if (count >= decision.wants.present) return;
    // Fewer replicas than are wanted may each have more CPU than was chosen for them.
    const { cpu } = input.capacity.perReplica;
    if (decision.short === undefined && cpu !== undefined)
      return assert.ok(decision.automatic.perReplica.cpu! > chosenCpu(cpu, input.lastActions));
    assert.ok(decision.short?.rescue);
    assert.ok(["bounds", "pin", "budget"].includes(decision.short.by), decision.short.by);
  });
});

test("a floor that is published lies between the bounds for as far as the plan goes", () => {
  holds((input, decision) => {
    if (decision.capacity.owns !== "floor" || !("ceiling" in decision.capacity.replicas)) return;
    assert.ok(decision.capacity.replicas.floor <= decision.capacity.replicas.ceiling);
    if (!decision.changed || oneWay(input)) return;
    for (const { at, floor } of decision.capacity.plan) if (at > input.now) assert.ok(floor <= most(input));
  });
});

test("constant memory per replica never adds replicas", () => {
  fc.assert(
    fc.property(anyInput, fc.double({ min: 0.001, max: 20, noNaN: true }), fc.boolean(), (any, each, stated) => {
      const replicas = asked(any);
      const demand = { memory: { value: each * replicas, at: any.now, censored: false } };
      const capacity: Capacity = {
        ...any.capacity,
        owns: "desired",
        replicas: { count: replicas },
        plan: [],
        perReplica: { memory: 4 },
      };
      const constraints = {
        ...any.constraints,
        scales: { cpu: "none" as const, memory: "out" as const, disk: "none" as const, network: "none" as const },
        availability: {
          replicas: { min: 0, max: 1000 },
          zones: 1,
          survive: "none" as const,
          stateful: false,
          perReplica: {},
        },
      };
      const fixedPerReplica = stated ? { memory: each } : undefined;
      const input = {
        ...any,
        capacity,
        constraints,
        demand,
        fixedPerReplica,
        forecasts: {},
        slo: undefined,
        ready: replicas,
        pending: [],
        holds: { pins: [] },
      };
      assert.ok(granted(input, decide(input)) <= Math.max(1, replicas));
    }),
    RUNS,
  );
});

test("the same input, once through JSON, gives the same decision byte for byte", () => {
  holds((input, decision) => {
    const text = encodeDecideInput(input);
    assert.equal(JSON.stringify(decide(decodeDecideInput(text))), JSON.stringify(decision));
    assert.equal(encodeDecideInput(decodeDecideInput(text)), text);
    const again = decodeDecideInput(text);
    assert.equal(digestDecideInput(again), digestDecideInput(decodeDecideInput(text)));
    const [series] = Object.keys(input.forecasts) as (keyof typeof input.forecasts)[];
    if (series === undefined || again.forecasts[series]!.point.length === 0) return;
    const other = decodeDecideInput(text);
    other.forecasts[series]!.point[0] = other.forecasts[series]!.point[0] === 1 ? 2 : 1;
    assert.notEqual(digestDecideInput(other), digestDecideInput(again));
  });
});

test("sizes that are not to change do not, except storage", () => {
  holds((input, decision) => {
    if (input.constraints.change.vertical !== "none") return;
    assert.deepEqual({ ...figures(decision.capacity), storage: 0 }, { ...figures(input.capacity), storage: 0 });
  });
});

test("what needs no review leaves reviewed fields as they were", () => {
  holds((input, decision) => {
    if (!decision.needsReview) return assert.deepEqual(decision.automatic, decision.capacity);
    assert.equal(replicasAt(decision.automatic, input.now), granted(input, decision));
    if (input.constraints.change.vertical === "review")
      assert.deepEqual({ ...figures(decision.automatic), storage: 0 }, { ...figures(input.capacity), storage: 0 });
    if (input.constraints.change.irreversible === "approve")
      assert.equal(decision.automatic.storage.size, input.capacity.storage.size);
  });
});
