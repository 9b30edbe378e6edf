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
/**
 * Room around what is forecast now, so that the plans of the coming days lie inside: forecasts move from hour to hour, and a plan's steps begin
 * earlier or later by some. Without it few of the plans that an envelope is for lie inside.
 */
const MARGIN = 0.5;
const NEIGHBOURS = 1;

type Range = Pick<HourRange, "least" | "greatest">;

/** A forecast that counts, with what serves the demand it is of. */
interface Source {
  readonly forecast: Forecast;
  readonly serving: Serving;
  readonly fixed: number;
}

/**
 * The envelope that the forecasts suggest: for each hour of the day the replicas that the lowest forecast quantile needs at the quietest moment
 * of that hour and its neighbours, to those that the highest needs at the busiest from its beginning until what is asked for at its end serves,
 * with a margin of half as many again. Both lie inside the bounds of the constraints and, with `onBudget: cap`, the budget. Hours that no forecast reaches get the range that holds all the others.
 * `undefined` where no trusted forecast says how many replicas are needed. Pure.
 *
 * @param input what `decide` takes
 * @returns valid for seven days from the next full hour
 */
export function proposeEnvelope(input: DecideInput): Envelope | undefined {
  const sources = sourcesOf(input);
  if (sources.length === 0 || input.plan === undefined) return undefined;
  const { now } = input;
  const byHour: Range[] = [];
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
    const { least, greatest } = allowed(input, around(byHour, hour) ?? whole);
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

function rangeBetween(input: DecideInput, sources: readonly Source[], from: number, to: number): Range {
  const { constraints, leadTime, ready } = input;
  const { availability } = constraints;
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
  return { least, greatest: Math.max(least, greatest) };
}

/** The range that holds those of an hour and its neighbours; nothing where the hour itself has none. */
function around(byHour: readonly (Range | undefined)[], hour: number): Range | undefined {
  let range = byHour[hour];
  if (range === undefined) return undefined;
  for (let by = -NEIGHBOURS; by <= NEIGHBOURS; by++) range = union(range, byHour[(hour + by + 24) % 24] ?? range);
  return range;
}

/** The range with its margin, inside bounds and budget. */
function allowed({ constraints, pricePerReplica = constraints.cost.perReplica }: DecideInput, range: Range): Range {
  const own = bounds(constraints);
  const affordable = affordableReplicas({ constraints, pricePerReplica });
  const most = Math.min(own.most, MOST_REPLICAS);
  const paid = constraints.cost.onBudget === "cap" && affordable !== undefined ? Math.max(own.least, affordable) : most;
  const within = (replicas: number) => Math.min(most, paid, Math.max(own.least, replicas));
  return {
    least: within(Math.floor(range.least / (1 + MARGIN))),
    greatest: within(Math.ceil(range.greatest * (1 + MARGIN))),
  };
}

function union(a: Range, b: Range): Range {
  return { least: Math.min(a.least, b.least), greatest: Math.max(a.greatest, b.greatest) };
}
