import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DecideInput } from "./decide.port.ts";
import { decide } from "./decide.ts";
import { constraintsOf, forecastOf, inputOf, NOON } from "./decide-fixture.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const AUTO = "change: { vertical: auto, irreversible: auto }";

/** Ten replicas of 1 GiB with a volume of 100 GiB and a bandwidth of 100 MB/s for all. */
function sized(demand: Record<string, number>, change: Partial<DecideInput> = {}, text = AUTO) {
  const capacity = {
    ...inputOf().capacity,
    perReplica: { memory: GIB },
    storage: { size: 100 * GIB },
    network: { bandwidth: 100_000_000 },
  };
  const measured = Object.entries(demand).map(([series, value]) => [series, { value, at: NOON, censored: false }]);
  return decide(
    inputOf({
      constraints: constraintsOf(`scales: { cpu: none, network: up }\n${text}`),
      capacity,
      demand: Object.fromEntries(measured),
      unmeasured: ["memory", "storage", "network"].filter((series) => !(series in demand)) as DecideInput["unmeasured"],
      ...change,
    }),
  );
}

describe("memory per replica", () => {
  test("grows to what each replica uses at the utilisation target and a tenth more, in whole steps", () => {
    assert.equal(sized({ memory: 10 * 900 * MIB }).capacity.perReplica.memory, 1280 * MIB);
  });

  test("is marked for review, and left out of what needs none", () => {
    const decision = sized({ memory: 10 * 900 * MIB }, {}, "change: { vertical: review }");
    assert.deepEqual([decision.needsReview, decision.automatic.perReplica.memory], [true, GIB]);
  });

  test("shrinks on a trusted forecast, to what is needed and a tenth more", () => {
    const forecasts = { memory: forecastOf("memory", 10 * 300 * MIB) };
    assert.equal(sized({ memory: 10 * 300 * MIB }, { forecasts }).capacity.perReplica.memory, 416 * MIB);
    assert.equal(sized({ memory: 10 * 300 * MIB }).changed, false);
  });

  test("shrinks by no more than the step a minute since the last change", () => {
    const forecasts = { memory: forecastOf("memory", 10 * 300 * MIB) };
    const lastActions = [{ at: NOON - 120, direction: "up" as const }];
    const text = "change: { vertical: auto, cooldown: { vertical: 2m } }";
    assert.equal(
      sized({ memory: 10 * 300 * MIB }, { forecasts, lastActions }, text).capacity.perReplica.memory,
      832 * MIB,
    );
  });

  test("does not shrink within the cool-down of the last change, which is a week where people review it", () => {
    const forecasts = { memory: forecastOf("memory", 10 * 300 * MIB) };
    const after = (seconds: number, text: string) =>
      sized({ memory: 10 * 300 * MIB }, { forecasts, lastActions: [{ at: NOON - seconds, direction: "up" }] }, text)
        .changed;
    const auto = "change: { vertical: auto, cooldown: { vertical: 2h } }";
    assert.deepEqual([after(7199, auto), after(7200, auto)], [false, true]);
    const review = "change: { vertical: review }";
    assert.deepEqual([after(7 * 86_400 - 1, review), after(7 * 86_400, review)], [false, true]);
  });

  test("does not shrink to what is not clearly less", () => {
    const forecasts = { memory: forecastOf("memory", 10 * 650 * MIB) };
    assert.equal(sized({ memory: 10 * 650 * MIB }, { forecasts }).changed, false);
  });

  test("stays as it is where sizes are not to change", () => {
    assert.equal(sized({ memory: 10 * 900 * MIB }, {}, "change: { vertical: none }").changed, false);
  });

  test("changes no more than twice while demand wavers by a seventh for half a day", () => {
    let capacity = { ...inputOf().capacity, perReplica: { memory: 96 * MIB } };
    const lastActions: { at: number; direction: "up" | "down" }[] = [];
    let seed = 7;
    const constraints = constraintsOf(`scales: { cpu: none }\nchange: { vertical: auto, cooldown: { vertical: 10m } }`);
    for (let minute = 0; minute < 720; minute++) {
      const now = NOON + 60 * minute;
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const each = (70 + 10 * (seed / 1073741824 - 1)) * MIB;
      const forecast = { ...forecastOf("memory", 10 * each), issuedAt: now };
      const decision = decide(
        inputOf({
          now,
          constraints,
          capacity,
          lastActions,
          forecasts: { memory: forecast },
          demand: { memory: { value: 10 * each, at: now, censored: false } },
        }),
      );
      if (!decision.changed) continue;
      lastActions.push({
        at: now,
        direction: decision.capacity.perReplica.memory! > capacity.perReplica.memory ? "up" : "down",
      });
      capacity = { ...capacity, perReplica: { memory: decision.capacity.perReplica.memory! } };
    }
    assert.ok(lastActions.length >= 1 && lastActions.length <= 2, JSON.stringify(lastActions));
    assert.ok(capacity.perReplica.memory >= (79 / 0.8) * MIB);
  });

  test("does not shrink below a later peak that is forecast", () => {
    const forecasts = { memory: forecastOf("memory", 10 * 300 * MIB, 10 * 800 * MIB) };
    assert.equal(sized({ memory: 10 * 300 * MIB }, { forecasts }).changed, false);
  });
});

describe("storage", () => {
  test("grows ahead of need, by a tenth at least, in whole GiB", () => {
    const forecasts = { storage: forecastOf("storage", 72 * GIB) };
    assert.equal(sized({ storage: 68 * GIB }, { forecasts }).capacity.storage.size, 110 * GIB);
  });

  test("never shrinks", () => {
    const forecasts = { storage: forecastOf("storage", 1 * GIB) };
    assert.equal(sized({ storage: 1 * GIB }, { forecasts }).changed, false);
  });

  test("needs approval, since there is no way back", () => {
    const decision = sized({ storage: 90 * GIB }, {}, "change: { vertical: auto }");
    assert.deepEqual([decision.needsReview, decision.automatic.storage.size], [true, 100 * GIB]);
    assert.ok(decision.capacity.storage.size! > 128 * GIB);
  });
});

describe("bandwidth of the workload", () => {
  test("goes up and down with what is needed", () => {
    assert.equal(sized({ network: 140_000_000 }).capacity.network.bandwidth, 220_000_000);
    const forecasts = { network: forecastOf("network", 14_000_000) };
    assert.equal(sized({ network: 14_000_000 }, { forecasts }).capacity.network.bandwidth, 22_000_000);
  });

  test("doubles while demand is held back by it, once a change", () => {
    const demand = { network: { value: 99_000_000, at: NOON, censored: true } };
    assert.equal(sized({ network: 0 }, { demand }).capacity.network.bandwidth, 200_000_000);
    const pending = [{ replicas: 10, since: NOON - 30, kind: "vertical" as const }];
    assert.ok(sized({ network: 0 }, { demand, pending }).capacity.network.bandwidth! < 200_000_000);
  });
});

test("a freeze leaves every size", () => {
  const holds = { freeze: { all: false }, pins: [] };
  assert.equal(sized({ memory: 10 * 900 * MIB, storage: 90 * GIB }, { holds }).changed, false);
});

describe("storage that fills up", () => {
  const filling = (used: number, fills: number) =>
    sized({}, { demand: { storage: { value: used, at: NOON, censored: false, fills } }, unmeasured: [] }, AUTO).capacity
      .storage.size;

  test("grows while a change of it can still come in time: two lead times before it would be full", () => {
    assert.equal(filling(50 * GIB, 0), 100 * GIB);
    // 50 GiB and 240 s at a fifth of a GiB are 98 GiB, at 70 % of 140 GiB.
    assert.equal(filling(50 * GIB, GIB / 5), 140 * GIB);
  });

  test("grows by no more than twice what there is, however fast it fills", () => {
    for (const fills of [1e15, Number.NaN, Number.POSITIVE_INFINITY]) {
      const size = filling(50 * GIB, fills) ?? 0;
      assert.ok(size >= 100 * GIB && size <= Math.ceil(200 / 0.7) * GIB, `${fills}: ${size}`);
    }
  });
});
