import assert from "node:assert/strict";
import type { Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import type { Fault } from "../../stacks/simulated/faults.ts";
import type { ScaledGroup } from "../../stacks/simulated/scaled-group.ts";
import { inService } from "../../stacks/simulated/scaled-group.ts";
import type { Place } from "./place.ts";

const GIBI = 1024 ** 3;

/* What every cloud's stack has to do alike. `unchanged` is what a preview says of the stack as it should be. */

export function touched({ changes }: Changeset): string[] {
  return changes!.map(({ resource, property }) => `${resource} ${property}`);
}

export function assertDone({ state, failure }: Changeset): void {
  assert.equal(state, "done", failure?.message);
}

export async function isUp(place: Place, unchanged: RegExp): Promise<void> {
  assert.match(await place.preview(), unchanged);
  const { group } = place;
  await place.until("two machines in service", 60, ({ groups, now }) => inService(groups[group], now) === 2);
}

/** Takes a change of the machines' type back. */
export async function takesMachinesBack(
  place: Place,
  done: Changeset,
  unchanged: RegExp,
  seconds = 300,
): Promise<void> {
  const { group } = place;
  assert.equal(await place.world(({ groups }) => groups[group].cores), 4);
  assertDone(await place.rollBack(done));
  await place.until(
    "machines of the former type",
    seconds,
    ({ groups }) => groups[group].cores === 2 && !groups[group].replacing,
  );
  assert.match(await place.preview(), unchanged);
}

/** Takes a change of what disks and network may do back, and then grows the disks, which has no way back. */
export async function takesSpeedBackAndGrows(place: Place, faster: Changeset, unchanged: RegExp): Promise<void> {
  assert.equal(faster.reversibility, "exact");
  assertDone(await place.rollBack(faster));
  const larger = await place.change((capacity) => ({
    ...capacity,
    storage: { ...capacity.storage, size: 200 * GIBI },
  }));
  assertDone(larger);
  assert.equal(larger.reversibility, "irreversible");
  assert.match(await place.preview(), unchanged);
}

export async function refusesTooMany(place: Place, over: Partial<Capacity> = {}): Promise<void> {
  const refused = await place.change((capacity) => ({ ...capacity, ...over, replicas: { floor: 50, ceiling: 90 } }), {
    constraints: parseConstraints("version: 1\navailability: { replicas: { min: 2, max: 20 } }\n", "limits.yaml"),
  });
  assert.equal(refused.state, "refused");
  assert.match(refused.failure!.message, /replicas: expected/);
}

/** A minimum that a person has set: where the cloud keeps it, and what it is called in a message. */
export interface Minimum {
  read(group: ScaledGroup): number;
  write(group: ScaledGroup, min: number): void;
  told(before: number, min: number): RegExp;
}

/** Moves the minimum by hand, asks for a lower or another, and puts it back. */
export async function leavesHandAlone(
  place: Place,
  min: number,
  { read, write, told }: Minimum,
  asked: Partial<Capacity>,
): Promise<void> {
  const { group } = place;
  const before = await place.world(({ groups }) => read(groups[group]));
  await place.world(({ groups }) => write(groups[group], min));
  const blocked = await place.change((capacity) => ({ ...capacity, ...asked }));
  assert.equal(blocked.state, "blocked");
  assert.match(blocked.failure!.message, told(before, min));
  assert.equal(await place.world(({ groups }) => read(groups[group])), min);
  await place.world(({ groups }) => write(groups[group], before));
  const { store } = place.engine();
  try {
    const held = (await store.pins(place.now())).map((pin) => pin.min);
    assert.deepEqual(held, min > before ? [min] : [], "what was raised is a floor for a while");
    const event = { at: place.now(), kind: "pin", workload: "web", body: { removed: true } };
    if (held.length > 0) await store.removePin("web", event);
  } finally {
    store.close();
  }
}

/** A change of which one call fails, is told to be there in part, and is completed. */
export async function completesHalfWay(
  place: Place,
  fault: Pick<Fault, "on" | "type" | "message">,
  edit: (capacity: Capacity) => Capacity,
  missing: RegExp,
  unchanged: RegExp,
): Promise<void> {
  await place.world(({ faults }) => faults.push({ ...fault, when: "before", times: 1 }));
  const { manager, store } = place.engine();
  try {
    const { id } = await manager.propose(await place.proposal(edit));
    const partial = await manager.advance(id);
    assert.equal(partial.state, "partial");
    assert.match(partial.failure!.message, missing);
    const rest = (await manager.list()).find(({ repairs }) => repairs === id)!;
    assertDone(await manager.advance(rest.id));
  } finally {
    store.close();
  }
  assert.match(await place.preview(), unchanged);
}
