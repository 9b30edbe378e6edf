import type { Courses } from "./assess.ts";
import type { Predictability } from "./predictability.ts";

/** Whether it is worth it, and what that rests on, a sentence each, for people. */
export interface Verdict {
  readonly worth: "worth it" | "not worth it" | "cannot tell";
  readonly reasons: readonly string[];
}

/** A smaller difference in cost is none. */
const GAIN = 0.05;
/** As far as the violations that came may lie above those that were asked for. */
const LENIENT = 2;
/** Below it a mean error says that a constant would have done. */
const LEAST_EXPLAINED = 0.1;
const MOST_GAPS = 0.1;
/** Days in which a weekly pattern shows. */
const WEEK = 7;

export interface Judgement {
  readonly courses: Courses;
  /** Of the series that drives the number of replicas. */
  readonly driving: Predictability;
  /** Of the whole past. */
  readonly days: number;
  /** Replicas that the greatest demand needs. */
  readonly greatest: number;
  /** That were judged. */
  readonly ticks: number;
  /** Share of ticks that was asked for. */
  readonly violation: number;
}

/**
 * Worth it is what serves as well as was asked for and costs a twentieth less than what is there, or than what is there would have to be
 * to serve as well, and a twentieth less than the best fixed number in hindsight: what a number in a file achieves needs no forecast.
 */
export function verdictOf({ courses, driving, days, greatest, ticks, violation }: Judgement): Verdict {
  const { today, reactive, foreshadow, fixed } = courses;
  const less = (other: { readonly replicaHours: number }) =>
    1 - foreshadow.replicaHours / Math.max(1e-9, other.replicaHours);
  const share = (violationTicks: number) => violationTicks / Math.max(1, ticks);
  const allowed = LENIENT * violation;
  const reasons: string[] = [];
  const caveats = caveatsOn(driving, days);
  if (greatest <= 1)
    return {
      worth: "not worth it",
      reasons: ["one replica carries all that ever came: there is nothing to scale out", ...caveats],
    };
  const serves = share(foreshadow.violationTicks) <= allowed;
  const cheaper = less(today) >= GAIN;
  const better = share(today.violationTicks) > allowed && foreshadow.violationTicks < today.violationTicks / 2;
  reasons.push(
    `${change(less(today))} today's capacity, short in ${percent(share(foreshadow.violationTicks))} of the time instead of ${percent(share(today.violationTicks))}`,
    `${change(less(fixed))} the best fixed number in hindsight (${fixed.replicas})`,
  );
  if (reactive.violationTicks > foreshadow.violationTicks)
    reasons.push(`reactive-only is short in ${percent(share(reactive.violationTicks))} of the time`);
  if (serves && less(fixed) >= GAIN && (cheaper || better) && driving.trusted)
    return { worth: "worth it", reasons: [...reasons, ...caveats] };
  if (!driving.trusted) reasons.push(`forecasts did not earn the right to act: ${driving.reason}`);
  if (!serves) reasons.push(`more often short than asked for (${percent(violation)})`);
  if (less(fixed) < GAIN) reasons.push("a fixed number does as well: demand hardly changes, or by chance");
  return { worth: "not worth it", reasons: [...reasons, ...caveats] };
}

/** Why it may be judged otherwise with a better past. */
function caveatsOn({ explained, gaps, skill }: Predictability, days: number): string[] {
  const caveats: string[] = [];
  if (days < WEEK) caveats.push(`only ${days.toFixed(1)} days are recorded: no weekly pattern shows`);
  if (gaps > MOST_GAPS) caveats.push(`${percent(gaps)} of the ticks have no value`);
  if (explained !== null && explained < LEAST_EXPLAINED)
    caveats.push(
      `mostly noise: forecasts at the lead time are ${percent(Math.max(0, explained))} nearer than a constant`,
    );
  if (skill !== null && skill < 0) caveats.push("forecasts were worse than yesterday's value at the same hour");
  return caveats;
}

function change(less: number): string {
  return less >= 0 ? `${percent(less)} cheaper than` : `${percent(-less)} dearer than`;
}

/** A share, with a digit behind the point where it is small. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${Math.abs(value) < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}
