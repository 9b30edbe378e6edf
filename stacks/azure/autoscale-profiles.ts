import type { Capacity } from "../../model/capacity.ts";
import { stepName } from "../step-name.ts";

/** Profiles that a setting may have (Azure Monitor): one is for the time before the plan, the others are a step each. */
const MOST_PROFILES = 20;
/** A dated profile needs an end. The last step of a plan holds until the next plan: for a year, should none come. */
const LAST_STEP_HOLDS = 366 * 86_400;

/** A profile of an AutoscaleSetting, with rules of any form. */
export interface Profile<Rule> {
  readonly name: string;
  readonly capacity: { readonly minimum: string; readonly maximum: string; readonly default: string };
  readonly fixedDate?: { readonly start: string; readonly end: string; readonly timeZone: string };
  readonly rules: Rule[];
}

/**
 * A capacity and its plan as profiles of an AutoscaleSetting: Azure carries them out with everything else down. Steps that have passed stay
 * for as long as they are in the capacity file, so that what is asked for does not depend on when the program runs. Each profile has the
 * rules again: a profile's own are the only ones that count while it holds.
 *
 * @param file names the capacity file in errors
 * @throws Error when the plan has more steps than there are profiles
 */
export function autoscaleProfiles<Rule>(
  workload: string,
  { owns, replicas, plan }: Pick<Capacity, "owns" | "replicas" | "plan">,
  file: string,
  rules: Rule[],
): Profile<Rule>[] {
  if (plan.length > MOST_PROFILES - 1)
    throw new Error(
      `${file}: ${workload}.plan: expected at most ${MOST_PROFILES - 1} steps, as many as Azure has profiles for, found ${plan.length}; set plan: { steps: ${MOST_PROFILES - 2} } in the project`,
    );
  const [floor, ceiling] = "count" in replicas ? [replicas.count, replicas.count] : [replicas.floor, replicas.ceiling];
  const profile = (name: string, least: number): Profile<Rule> => ({
    name,
    // Without measurements the count is left alone, except that it is at least the floor.
    capacity: {
      minimum: String(least),
      maximum: String(owns === "desired" ? least : Math.max(least, ceiling)),
      default: String(least),
    },
    rules: owns === "desired" ? [] : rules,
  });
  return [
    profile(workload, floor),
    ...plan.map(({ at, floor: least }, i) => ({
      ...profile(stepName(workload, at), least),
      fixedDate: { start: instant(at), end: instant(plan[i + 1]?.at ?? at + LAST_STEP_HOLDS), timeZone: "UTC" },
    })),
  ];
}

function instant(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
}
