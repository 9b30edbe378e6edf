import type { Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { replicasAt } from "../../model/replicas-at.ts";

/**
 * Replicas that were asked for, and will be by the plan in force: a step function of time. The past is told by the changes that were carried out; before the
 * oldest that is known, by what it started from.
 *
 * @param now epoch seconds
 */
export function capacityCourse(
  changesets: readonly Pick<Changeset, "state" | "updatedAt" | "before" | "after">[],
  present: Capacity,
  now: number,
): (at: number) => number {
  const done = changesets.filter(({ state }) => state === "done").toSorted((a, b) => a.updatedAt - b.updatedAt);
  return (at) => {
    if (at >= now || done.length === 0) return replicasAt(present, at);
    const last = done.findLast(({ updatedAt }) => updatedAt <= at);
    return last === undefined ? replicasAt(done[0].before, at) : replicasAt(last.after, at);
  };
}

/** Instants at which the course may step: changes in the past, the plan's steps ahead. */
export function courseInstants(
  changesets: readonly Pick<Changeset, "state" | "updatedAt" | "after">[],
  present: Capacity,
  now: number,
): number[] {
  const done = changesets.filter(({ state }) => state === "done");
  return [
    ...done.map(({ updatedAt }) => updatedAt),
    ...done.flatMap(({ after }) => after.plan.map(({ at }) => at).filter((at) => at < now)),
    ...present.plan.map(({ at }) => at).filter((at) => at >= now),
  ];
}
