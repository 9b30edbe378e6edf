import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capacity } from "../../model/capacity.ts";
import { staysAsItIs } from "./awaited-proposal.ts";

const HOUR = 3600;
const floors = (floor: number, rest: Partial<Capacity> = {}): Capacity => ({
  owns: "floor",
  replicas: { floor, ceiling: 20 },
  plan: [],
  perReplica: { cpu: 2 },
  storage: {},
  network: {},
  ...rest,
});
const counts = (count: number): Capacity => ({ ...floors(1), owns: "desired", replicas: { count } });
const waiting = (after: Capacity, editedBy?: string) => ({ after, createdAt: 0, ...(editedBy && { editedBy }) });
const decided = { reasons: [], urgent: false, now: HOUR - 1, interval: HOUR };

test("floors that wait for a person stay until the next interval, whatever each tick would plan", () => {
  const open = waiting(floors(3));
  assert.equal(staysAsItIs(open, { ...decided, capacity: floors(4) }), true);
  assert.equal(staysAsItIs(open, { ...decided, capacity: floors(4), urgent: true }), true);
  assert.equal(staysAsItIs(open, { ...decided, capacity: floors(4), now: HOUR }), false);
});

test("pins and bounds, another size and counts do not wait", () => {
  for (const kind of ["pin", "bounds", "availability"] as const)
    assert.equal(
      staysAsItIs(waiting(floors(3)), { ...decided, capacity: floors(4), reasons: [{ kind, text: "" }] }),
      false,
    );
  const sized = floors(3, { perReplica: { cpu: 4 } });
  assert.equal(staysAsItIs(waiting(floors(3)), { ...decided, capacity: sized }), false);
  assert.equal(staysAsItIs(waiting(counts(3)), { ...decided, capacity: counts(4) }), false);
});

test("the same capacity stays, and a person's own numbers but for a rescue", () => {
  assert.equal(staysAsItIs(waiting(counts(3)), { ...decided, capacity: counts(3), urgent: true }), true);
  assert.equal(staysAsItIs(waiting(counts(3), "ann"), { ...decided, capacity: counts(4) }), true);
  assert.equal(staysAsItIs(waiting(counts(3), "ann"), { ...decided, capacity: counts(4), urgent: true }), false);
});
