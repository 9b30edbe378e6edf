import type { PlanStep } from "../../model/capacity.ts";
import type { WorkloadCapacity } from "../capacity.ts";
import { stepName } from "../step-name.ts";

/** A scaling schedule of an autoscaler, by Compute Engine's names. */
export interface FloorSchedule {
  readonly name: string;
  readonly minRequiredReplicas: number;
  /** Extended cron: minute, hour, day, month, day of the week, year. With a year it happens once. */
  readonly schedule: string;
  readonly timeZone: "UTC";
  readonly durationSec: number;
}

const MINUTE = 60;
const DAY = 86_400;
/** A schedule cannot be shorter. */
const LEAST_DURATION = 300;
/** More schedules an autoscaler cannot have. */
const MOST = 128;
/** The base's schedule begins so long before the first step: longer than a plan lies ahead. */
const BEFORE = 7 * DAY;
/** A last step lasts a year: longer than an engine is away unnoticed. */
const LAST = 365 * DAY;

/**
 * A plan as scaling schedules. They only raise: the group's minimum is the lowest floor of the file, and whatever is above it is a
 * schedule that lasts until the next step. All steps are written, those that have come too, so that the same file always leads to the same
 * resource and a step that comes is no change of the program.
 *
 * A cron line knows minutes: a step begins with the minute it lies in. None is shorter than five minutes: a higher floor is held for longer.
 *
 * @see https://cloud.google.com/compute/docs/autoscaler/scaling-schedules
 * @throws Error when there are more steps than an autoscaler takes
 */
export function floorSchedules(
  workload: string,
  { floor, plan, file }: Pick<WorkloadCapacity, "floor" | "plan" | "file">,
): { readonly least: number; readonly schedules: FloorSchedule[] } {
  const least = plan.reduce((lowest, step) => Math.min(lowest, step.floor), floor);
  const all: (PlanStep & { readonly name: string })[] = plan.map((step) => ({
    ...step,
    name: stepName(workload, step.at),
  }));
  if (plan.length > 0) all.unshift({ name: `${workload}-before-plan`, at: plan[0].at - BEFORE, floor });
  const schedules = all.flatMap((step, i) => {
    if (step.floor <= least) return [];
    const begins = Math.floor(step.at / MINUTE) * MINUTE;
    const ends = all[i + 1]?.at ?? begins + LAST;
    return [
      {
        name: step.name,
        minRequiredReplicas: step.floor,
        schedule: once(begins),
        timeZone: "UTC" as const,
        durationSec: Math.max(LEAST_DURATION, Math.ceil(ends - begins)),
      },
    ];
  });
  if (schedules.length > MOST)
    throw new Error(
      `${file}: ${workload}.plan: expected at most ${MOST} floors above the lowest, found ${schedules.length}`,
    );
  return { least, schedules };
}

/** @param at epoch seconds of a whole minute */
function once(at: number): string {
  const date = new Date(at * 1000);
  return `${date.getUTCMinutes()} ${date.getUTCHours()} ${date.getUTCDate()} ${date.getUTCMonth() + 1} * ${date.getUTCFullYear()}`;
}
