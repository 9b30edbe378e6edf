import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LeaseRecord, SharedLeaseRecord } from "./orchestrator/change/lease.port.ts";
import { SharedLease } from "./shared-lease.ts";

/** A record in memory. What is written alike has the same version, as a blob of git has. */
function record(): SharedLeaseRecord & { away: boolean } {
  let present: LeaseRecord | undefined;
  const versionOf = (one: LeaseRecord | undefined) => (one === undefined ? "" : JSON.stringify(one));
  const reached = () => {
    if (place.away) throw new Error("out of reach");
  };
  const place = {
    away: false,
    async read() {
      reached();
      return { version: versionOf(present), ...(present && { record: present }) };
    },
    async write(next: LeaseRecord, expected: string) {
      reached();
      if (expected !== versionOf(present)) return undefined;
      present = next;
      return versionOf(next);
    },
  };
  return place;
}

describe("a lease that engines share", () => {
  const place = () => {
    const shared = record();
    const clock = { now: 1000 };
    const clocks = { monotonic: () => clock.now, wall: () => 1e9 + clock.now };
    const engine = (name: string) => new SharedLease(shared, name, 60, clocks);
    return { shared, clock, engine, a: engine("a"), b: engine("b") };
  };

  it("is the first's as long as it renews", async () => {
    const { clock, a, b } = place();
    assert.equal(await a.tend(), undefined);
    for (let i = 0; i < 100; i++) {
      assert.equal(await b.tend(), "a");
      clock.now += a.every;
      await a.tend();
      assert.deepEqual([a.held?.token, b.held], [1, undefined]);
    }
  });

  it("has run out for one that was frozen before another takes it, and a late renewal fails", async () => {
    const { clock, a, b } = place();
    await a.tend();
    while (b.held === undefined) {
      clock.now += b.every;
      await b.tend();
      assert.ok(a.held === undefined || b.held === undefined);
    }
    assert.equal(b.held?.token, 2);
    assert.equal(await a.tend(), "b", "it wakes up, and only watches");
    assert.equal(a.held, undefined);
  });

  it("goes over at once where it was given back, and to the same store's next engine", async () => {
    const { clock, engine, a, b } = place();
    await a.tend();
    clock.now += 1;
    assert.equal(await engine("a").tend(), undefined, "a former engine of this store is certainly gone");
    assert.equal(await b.tend(), "a");
    const again = engine("a");
    await again.tend();
    await again.release();
    await b.tend();
    assert.equal(b.held?.token, 4);
  });

  it("runs out while its record is out of reach, and while the host sleeps", async () => {
    const { shared, clock, a } = place();
    await a.tend();
    shared.away = true;
    clock.now += 61;
    await assert.rejects(a.tend(), /out of reach/);
    assert.equal(a.held, undefined);
    let wall = 0;
    const sleeper = new SharedLease(record(), "c", 60, { monotonic: () => 0, wall: () => wall });
    await sleeper.tend();
    assert.ok(sleeper.held !== undefined);
    wall = 61;
    assert.equal(sleeper.held, undefined);
  });

  it("a candidate that slept itself watches anew: the record may have come round", async () => {
    const { clock, a, b } = place();
    await a.tend();
    await b.tend();
    for (let beat = 0; beat < 16; beat++) {
      clock.now += a.every;
      await a.tend();
    }
    assert.equal(await b.tend(), "a");
    assert.equal(b.held, undefined);
    assert.ok(a.held !== undefined);
  });

  it("is never two engines' at a time, whoever is frozen or out of reach for however long", async () => {
    const step = fc.record({ who: fc.constantFrom(0, 1, 2), pass: fc.integer({ min: 0, max: 90 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, engine } = place();
        const engines = ["a", "b", "c"].map(engine);
        for (const { who, pass } of steps) {
          clock.now += pass;
          await engines[who].tend();
          assert.ok(engines.filter(({ held }) => held !== undefined).length <= 1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
