import type { SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import type { DecideInput } from "./decide.port.ts";
import { finite } from "./finite.ts";
import type { Serving } from "./need.ts";
import { ABSURD_RATIO, LEAST_REPORTING, STALE_TICKS } from "./policy.ts";

export interface Measured {
  readonly value: number;
  readonly censored: boolean;
  /** Units a second by which it fills up; zero where that is not known. */
  readonly fills: number;
}

/** Present demand as far as it can be relied on, and why nothing may be released, if so. */
export interface Telemetry {
  readonly demand: ReadonlyMap<SeriesName, Measured>;
  /** One for each thing that is wrong. Any of them stops scale-in. */
  readonly faults: readonly Reason[];
  /** What is to be said besides: replicas that do not report while enough do. */
  readonly notes: readonly Reason[];
}

/**
 * Judges what was measured. Missing, stale, zero and absurd values stop scale-in and never cause it; stale, absurd and
 * missing ones do not count as demand either. Zero is a fault where a running replica cannot but use some.
 */
export function judgeTelemetry(input: DecideInput, served: readonly Serving[], ready: number): Telemetry {
  const demand = new Map<SeriesName, Measured>();
  const faults: Reason[] = [];
  const fault = (text: string, series?: SeriesName) =>
    faults.push(series === undefined ? { kind: "telemetry", text } : { kind: "telemetry", series, text });
  for (const { series, capacity, whole } of served) {
    if (input.unmeasured?.includes(series)) continue;
    const sample = input.demand[series];
    if (sample === undefined || sample === null || !Number.isFinite(sample.value)) {
      fault(`${series}: no measurement; nothing is released`, series);
      continue;
    }
    const age = input.now - sample.at;
    if (!(age <= STALE_TICKS * input.step)) {
      fault(`${series}: the last measurement is ${formatShort(age)} s old; nothing is released`, series);
      continue;
    }
    const most = ABSURD_RATIO * capacity * (whole ? 1 : Math.max(1, ready));
    if (sample.value < 0 || sample.value > most) {
      fault(
        `${series}: ${formatShort(sample.value)} is no demand (capacity ${formatShort(most / ABSURD_RATIO)}); it is not counted and nothing is released`,
        series,
      );
      continue;
    }
    if (sample.value === 0 && series !== "disk" && series !== "storage" && ready > 0)
      fault(`${series}: zero from running replicas; nothing is released`, series);
    const fills = series === "storage" ? finite(sample.fills, 0, 0, most) : 0;
    demand.set(series, { value: sample.value, censored: sample.censored === true, fills });
  }
  const { known, reporting, warming, stale, incident } = input.health;
  if (stale !== false) fault("telemetry is stale; nothing is released");
  const expected = known - (warming > 0 ? warming : 0);
  const missing = `${expected - reporting} of ${expected} replicas are missing: they do not report`;
  const few = !(reporting >= LEAST_REPORTING * expected) || !(expected >= 0);
  if (few) fault(`${missing}; nothing is released while less than ${LEAST_REPORTING * 100} % do`);
  const notes: Reason[] = !few && reporting < expected ? [{ kind: "telemetry", text: missing }] : [];
  if (incident !== undefined) faults.push({ kind: "incident", text: `incident: ${incident}; nothing is released` });
  return { demand, faults, notes };
}
