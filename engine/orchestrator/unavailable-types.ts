import { presentType } from "./catalogue/types-for.ts";
import type { DecideInput, UnavailableType } from "./decide.port.ts";
import { UNAVAILABLE_FOR } from "./policy.ts";

/**
 * Types of which the provider has none to give, or of which the quota is used up: replicas of them were asked for and did not come within lead
 * time p99. They are left out for a while, which begins anew as long as they do not come. Pure.
 *
 * @param late replicas that do not count as coming any more
 */
export function unavailableTypes(
  { capacity, catalogue, memory }: Pick<DecideInput, "capacity" | "catalogue" | "memory">,
  now: number,
  late: number,
): UnavailableType[] {
  const kept = (memory?.unavailable ?? []).filter(
    ({ type, until }) => typeof type === "string" && until > now && until <= now + UNAVAILABLE_FOR,
  );
  const type = presentType(capacity.perReplica, catalogue);
  if (late === 0 || type === undefined) return kept;
  return [...kept.filter((one) => one.type !== type), { type, until: now + UNAVAILABLE_FOR }].slice(-MOST);
}

/** Types that are remembered. */
const MOST = 50;
