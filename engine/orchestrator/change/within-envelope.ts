import { type Capacity, replicasAt } from "../../../model/capacity.ts";
import { type Envelope, rangeOf } from "../../../model/envelope.ts";
import { formatInstant } from "../../../model/instant.ts";
import { digest } from "./digest.ts";

const HOUR = 3600;
/** A last step that begins so much later comes into force only where nothing follows the plan for as long. */
const LAST_RESORT = 12 * HOUR;
/** Reasons that are told; the rest is counted. */
const MOST_REASONS = 5;

/**
 * What of a change an envelope does not cover, in words; empty where the change needs no further approval. Pure.
 *
 * A change may move the floor (or count) and the plan, and nothing else. In every hour from now to the hour in which the last step begins,
 * each floor in force must lie in the range of that hour of the day. A last step that begins half a day ahead or later is what is left where
 * nothing follows the plan, by night and by day: it may ask for what any hour allows. An envelope covers nothing past its end.
 *
 * @param now epoch seconds
 */
export function outsideEnvelope(envelope: Envelope, before: Capacity, after: Capacity, now: number): string[] {
  const reasons: string[] = [];
  if (digest(unmoved(before)) !== digest(unmoved(after)))
    reasons.push("it changes more than floors and their plan, which is all that an envelope covers");
  const steps = after.plan.filter(({ at }) => at > now);
  const starts = [{ at: now, floor: replicasAt(after, now) }, ...steps];
  const end = Math.max(now + 1, starts[starts.length - 1].at);
  if (end > envelope.until)
    reasons.push(
      now >= envelope.until
        ? `the envelope ended at ${formatInstant(envelope.until)}`
        : `the plan reaches to ${formatInstant(end)}, the envelope to ${formatInstant(envelope.until)}`,
    );
  const told = new Set<string>();
  starts.forEach(({ at, floor }, i) => {
    const to = i + 1 < starts.length ? starts[i + 1].at : at + 1;
    const last = i + 1 === starts.length && at - now >= LAST_RESORT;
    const first = Math.floor(at / HOUR);
    // After a day the same hours come again.
    for (let hour = first; hour * HOUR < to && hour < first + 24 && !last; hour++) {
      const range = rangeOf(envelope, ((hour % 24) + 24) % 24);
      if (range !== undefined && floor >= range.least && floor <= range.greatest) continue;
      const approved = range === undefined ? "nothing is approved" : `${range.least} to ${range.greatest} is approved`;
      told.add(`${floor} from ${formatInstant(Math.max(at, hour * HOUR))}, where ${approved}`);
    }
    if (last && !envelope.hours.some(({ least, greatest }) => floor >= least && floor <= greatest))
      told.add(`${floor} from ${formatInstant(at)} on, the end of the plan, which no hour allows`);
  });
  reasons.push(...[...told].slice(0, MOST_REASONS));
  if (told.size > MOST_REASONS) reasons.push(`and ${told.size - MOST_REASONS} more`);
  return reasons;
}

/** The parts of a capacity that an envelope does not cover. */
function unmoved({ replicas, plan: _, ...rest }: Capacity): unknown {
  return { ...rest, ceiling: "ceiling" in replicas ? replicas.ceiling : undefined };
}
