import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { advanceGroup, inService, newGroup, type ScaledGroup, settle } from "./scaled-group.ts";

const RULES = { bootDelay: 90, scalerPeriod: 60, scaleInAfter: 600 };

function group(more: Partial<ScaledGroup> = {}): ScaledGroup {
  return { ...newGroup({ min: 2, max: 12, desired: 2 }, { version: "1", cores: 2 }), target: 0.7, ...more };
}

function around(refuse = 0) {
  let [serial, refusals] = [0, refuse];
  return {
    launch: () => (refusals-- > 0 ? { refused: "ZONE_RESOURCE_POOL_EXHAUSTED" } : { id: `i-${++serial}` }),
    tell: () => {},
  };
}

const instant = fc.integer({ min: 1, max: 7200 });
const situations = fc.record({
  load: fc
    .array(fc.record({ at: instant, cpu: fc.integer({ min: 0, max: 30 }) }), { maxLength: 8 })
    .map((points) => points.sort((a, b) => a.at - b.at)),
  schedules: fc.array(fc.record({ at: instant, min: fc.integer({ min: 0, max: 8 }) }), { maxLength: 5 }),
  windows: fc.array(
    fc.record({ from: instant, lasts: fc.integer({ min: 1, max: 3000 }), min: fc.integer({ min: 0, max: 14 }) }),
    { maxLength: 5 },
  ),
  byWindows: fc.boolean(),
  surge: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  replacing: fc.boolean(),
  pauses: fc.array(instant, { maxLength: 10 }),
});

test("property: a group comes to the same whether it is looked at once or often", () => {
  fc.assert(
    fc.property(situations, ({ load, schedules, windows, byWindows, surge, replacing, pauses }) => {
      const begin = () =>
        group({
          ...(byWindows
            ? {
                floors: {
                  base: 2,
                  windows: windows.map(({ from, lasts, min }, i) => ({ name: `${i}`, from, until: from + lasts, min })),
                },
              }
            : { schedules: schedules.map((step, i) => ({ ...step, name: `${i}` })) }),
          ...(surge === undefined ? {} : { surge }),
          replacing,
          instances: [1, 2].map((i) => ({ id: `old-${i}`, version: "0", launchedAt: -100, inServiceAt: -10 })),
        });
      const [once, often] = [begin(), begin()];
      advanceGroup(once, 0, 7200, load, RULES, around(3));
      const others = around(3);
      let from = 0;
      for (const to of [...pauses, 7200].sort((a, b) => a - b)) {
        advanceGroup(often, from, to, load, RULES, others);
        from = to;
      }
      assert.deepEqual(often, once);
    }),
  );
});

test("floors hold within their windows, the greatest of them, and never above the maximum", () => {
  const windows = [
    { name: "a", from: 600, until: 1800, min: 5 },
    { name: "b", from: 1200, until: 3000, min: 20 },
  ];
  const one = group({ floors: { base: 2, windows } });
  const found: number[] = [];
  let from = 0;
  for (const to of [599, 600, 1200, 1800, 2999, 3000]) {
    advanceGroup(one, from, to, [], RULES, around());
    found.push(one.min);
    from = to;
  }
  assert.deepEqual(found, [2, 5, 12, 12, 12, 2]);
});

test("a replacement with a surge never leaves fewer in service than are desired", () => {
  const instances = [1, 2, 3, 4].map((i) => ({ id: `old-${i}`, version: "0", launchedAt: 0, inServiceAt: 0 }));
  const one = group({ min: 4, desired: 4, instances, replacing: true, surge: 2 });
  for (let at = 0; at < 1200; at += 10) {
    advanceGroup(one, at, at + 10, [], RULES, around());
    assert.ok(inService(one, at + 10) >= 4);
    assert.ok(one.instances.length <= 6);
  }
  assert.ok(one.instances.every(({ version }) => version === "1"));
  assert.equal(one.replacing, false);
});

test("machines are spread over zones, and the next zone is tried where one has none to give", () => {
  const zoned = group({ zones: ["a", "b"], min: 4 });
  const told: string[] = [];
  let serial = 0;
  const launched = (refused: readonly string[]) => ({
    launch: (_at: number, zone?: string) =>
      refused.includes(zone ?? "") ? { refused: "InsufficientInstanceCapacity" } : { id: `i-${++serial}` },
    tell: (_at: number, text: string) => told.push(text),
  });
  const zones = () => zoned.instances.map(({ zone }) => zone).join("");
  zoned.desired = 4;
  settle(zoned, 0, RULES, launched([]));
  assert.equal(zones(), "abab");
  zoned.desired = 7;
  settle(zoned, 60, RULES, launched(["a"]));
  assert.equal(zones(), "ababbbb");
  assert.equal(told.filter((text) => text === "could not launch in a: InsufficientInstanceCapacity").length, 3);
  zoned.desired = 8;
  settle(zoned, 120, RULES, launched(["a", "b"]));
  assert.equal(zones(), "ababbbb");
});
