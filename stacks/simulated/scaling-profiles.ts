import type { LoadPoint, ScaledGroup } from "./scaled-group.ts";

/** A rule on the mean CPU utilisation of a group. Seconds, and utilisation as a share of one. */
export interface ScalingRule {
  readonly direction: "out" | "in";
  readonly compares: "above" | "below";
  readonly threshold: number;
  /** How much of the past the mean is over. */
  readonly window: number;
  /** Machines, or with `share` so much of the group. */
  readonly change: number;
  readonly share: boolean;
  /** From the last change on, nothing changes for so long. */
  readonly cooldown: number;
}

/** Bounds and rules that hold for a time. Epoch seconds; without `from` it holds whenever no other does. */
export interface ScalingProfile {
  readonly name: string;
  readonly from?: number;
  readonly until?: number;
  min: number;
  max: number;
  /** Least count while nothing can be measured. */
  fallback: number;
  readonly rules: readonly ScalingRule[];
}

/** The profile that holds at an instant: a dated one before the one without a date (Azure Monitor, how autoscale evaluates profiles). */
export function profileAt(profiles: readonly ScalingProfile[], at: number): ScalingProfile | undefined {
  return (
    profiles.find(({ from, until }) => from !== undefined && from <= at && at < (until ?? Number.POSITIVE_INFINITY)) ??
    profiles.find(({ from }) => from === undefined)
  );
}

/**
 * The count after one look of an autoscaler that works by profiles (Azure Monitor, "Understand autoscale settings" and "Avoid flapping"): what is
 * outside the bounds is brought within them, cool-down or not; one rule is enough to scale out and the largest result counts; all rules must
 * agree to scale in, and not where the smaller group would have to scale out again.
 *
 * @param serving machines that are measured
 * @param minute seconds that stand for a minute of a rule: the time between two looks, so that a quick world has quick rules
 */
export function countByProfile(
  { desired, cores, scaledAt }: Pick<ScaledGroup, "desired" | "cores" | "scaledAt">,
  profile: ScalingProfile,
  at: number,
  serving: number,
  load: readonly LoadPoint[],
  minute: number,
): number {
  const within = (count: number) => Math.min(profile.max, Math.max(profile.min, count));
  if (within(desired) !== desired) return within(desired);
  if (profile.rules.length === 0) return desired;
  if (serving === 0) return within(Math.max(desired, profile.fallback));
  const scale = minute / 60;
  const rested = ({ cooldown }: ScalingRule) => scaledAt === undefined || at - scaledAt >= cooldown * scale;
  const asked = ({ window }: ScalingRule) => meanLoad(load, at - window * scale, at);
  const fires = (rule: ScalingRule, machines: number) => {
    const utilisation = Math.min(1, asked(rule) / (cores * machines));
    return rule.compares === "above" ? utilisation > rule.threshold : utilisation < rule.threshold;
  };
  const step = ({ change, share }: ScalingRule) => (share ? Math.max(1, Math.round(desired * change)) : change);
  const [out, into] = (["out", "in"] as const).map((way) => profile.rules.filter(({ direction }) => direction === way));
  const growing = out.filter((rule) => fires(rule, serving));
  if (growing.length > 0)
    return within(Math.max(desired, ...growing.filter(rested).map((rule) => desired + step(rule))));
  if (into.length === 0 || !into.every((rule) => rested(rule) && fires(rule, serving))) return desired;
  const fewer = within(Math.max(...into.map((rule) => desired - step(rule))));
  return fewer > 0 && out.some((rule) => fires(rule, fewer)) ? desired : fewer;
}

/** Mean of a load over a stretch; what lies before the first point counts as none. */
export function meanLoad(load: readonly LoadPoint[], from: number, to: number): number {
  let sum = 0;
  for (const [i, { at, cpu }] of load.entries()) {
    const [begin, end] = [Math.max(from, at), Math.min(to, load[i + 1]?.at ?? to)];
    if (end > begin) sum += cpu * (end - begin);
  }
  return to > from ? sum / (to - from) : 0;
}
