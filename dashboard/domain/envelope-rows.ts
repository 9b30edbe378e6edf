import type { EnvelopeChange } from "../../engine/api/engine-control.port.ts";

/** Floors that need no approval in some hours of the day, as they are and as they are proposed. */
export interface EnvelopeRow {
  readonly hours: string;
  /** `3 to 9`; `–` where nothing is approved. */
  readonly before: string;
  readonly after: string;
  readonly changed: boolean;
}

/** The day cut where the present or the proposed envelope changes, in UTC. */
export function envelopeRows({ before, after }: EnvelopeChange): EnvelopeRow[] {
  const edges = [...(before?.hours ?? []), ...after.hours].flatMap(({ from, to }) => [from, to]);
  const cuts = [...new Set(edges)].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, i) => {
    const [was, will] = [floorsAt(before, from), floorsAt(after, from)];
    return { hours: `${two(from)}–${two(cuts[i + 1])}`, before: was, after: will, changed: was !== will };
  });
}

function floorsAt(envelope: EnvelopeChange["before"], hour: number): string {
  const range = envelope?.hours.find(({ from, to }) => from <= hour && hour < to);
  return range === undefined ? "–" : `${range.least} to ${range.greatest}`;
}

function two(hour: number): string {
  return String(hour).padStart(2, "0");
}
