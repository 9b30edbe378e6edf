import type { Envelope, HourRange } from "../../model/envelope.ts";
import { type Forecast, quantileMaximum, quantileMinimum } from "../forecast/forecast.port.ts";
import type { DecideInput } from "./decide.port.ts";
import { finite, MOST_REPLICAS } from "./finite.ts";
import { replicasNeeded, type Serving, servings, withZoneToSpare } from "./need.ts";
import { faultOf } from "./outlook.ts";
import { affordableReplicas, bounds } from "./replicas.ts";

const HOUR = 3600;
/** Seconds for which an envelope is proposed. People edit it. */
const VALIDITY = 7 * 86_400;

/** A forecast that counts, with what serves the demand it is of. */
interface Source {
  readonly forecast: Forecast;
  readonly serving: Serving;
  readonly fixed: number;
}

/**
 * The envelope that the forecasts suggest: for each hour of the day the replicas that the lowest forecast quantile needs at the quietest moment
 * of that hour, to those that the highest needs at the busiest from its beginning until what is asked for at its end serves. Both lie inside
 * the bounds of the constraints and, with `onBudget: cap`, the budget. Hours that no forecast reaches get the range that holds all the others.
 * `undefined` where no trusted forecast says how many replicas are needed. Pure.
 *
 * @param input what `decide` takes
 * @returns valid for seven days from the next full hour
 */
export function proposeEnvelope(input: DecideInput): Envelope | undefined {
  const sources = sourcesOf(input);
  if (sources.length === 0 || input.plan === undefined) return undefined;
  const { now } = input;
  const byHour: { least: number; greatest: number }[] = [];
  const end = now + finite(input.plan.horizon, 86_400, HOUR, 86_400);
  for (let from = Math.floor(now / HOUR) * HOUR; from < end; from += HOUR) {
    const range = rangeBetween(input, sources, Math.max(from, now), Math.min(from + HOUR, end));
    const hour = Math.floor(from / HOUR) % 24;
    const known = byHour[hour];
    byHour[hour] = known === undefined ? range : union(known, range);
  }
  const whole = Object.values(byHour).reduce(union);
  const hours: HourRange[] = [];
  for (let hour = 0; hour < 24; hour++) {
    const { least, greatest } = byHour[hour] ?? whole;
    const last = hours.at(-1);
    if (last?.least === least && last.greatest === greatest) hours[hours.length - 1] = { ...last, to: hour + 1 };
    else hours.push({ from: hour, to: hour + 1, least, greatest });
  }
  return { until: Math.ceil(now / HOUR) * HOUR + VALIDITY, hours };
}

function sourcesOf(input: DecideInput): Source[] {
  return servings(input.capacity, input.constraints, input.catalogue).flatMap((serving) => {
    const { series, scales } = serving;
    const forecast = input.forecasts[series];
    if (scales !== "out" || forecast === undefined || faultOf(forecast) !== undefined) return [];
    const { trusted, scaleOutOnly } = forecast.evidence;
    const fixed = input.fixedPerReplica?.[series];
    // As in a plan: memory of which nothing is known to be driven by load adds no replicas.
    if (!trusted || scaleOutOnly === true || (series === "memory" && fixed === undefined)) return [];
    return [{ forecast, serving, fixed: finite(fixed, 0, 0, Number.MAX_VALUE) }];
  });
}

function rangeBetween(input: DecideInput, sources: readonly Source[], from: number, to: number) {
  const { constraints, leadTime, ready } = input;
  const { availability, cost } = constraints;
  const zones = availability.survive === "zone" ? finite(availability.zones, 1, 1, 1000) : 1;
  const lead = finite(leadTime.out.p95, 300, 0, 86_400);
  let [least, greatest] = [0, 0];
  for (const { forecast, serving, fixed } of sources) {
    const { levels, issuedAt, step } = forecast;
    const first = Math.max(1, (from - issuedAt) / step + 1);
    const last = Math.max(first, (to - issuedAt) / step);
    const served = Math.max(last, (to + lead - issuedAt) / step);
    const need = (demand: number) => withZoneToSpare(replicasNeeded(demand, serving, fixed, ready), zones);
    least = Math.max(least, need(quantileMinimum(forecast, levels[0], first, last)));
    greatest = Math.max(greatest, need(quantileMaximum(forecast, levels[levels.length - 1], first, served)));
  }
  const allowed = bounds(constraints);
  const affordable = affordableReplicas({
    constraints,
    pricePerReplica: input.pricePerReplica ?? cost.perReplica,
  });
  const most = Math.min(allowed.most, MOST_REPLICAS);
  const paid = cost.onBudget === "cap" && affordable !== undefined ? Math.max(allowed.least, affordable) : most;
  const within = (replicas: number) => Math.min(most, paid, Math.max(allowed.least, replicas));
  return { least: within(least), greatest: within(Math.max(least, greatest)) };
}

function union<Range extends { least: number; greatest: number }>(a: Range, b: Range) {
  return { least: Math.min(a.least, b.least), greatest: Math.max(a.greatest, b.greatest) };
}
