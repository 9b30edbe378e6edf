import { matchesName } from "../../model/bound-resources.ts";
import type { Capacity } from "../../model/capacity.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import { levelAtLeast, quantileAt } from "../forecast/forecast.port.ts";
import { presentType } from "./catalogue/types-for.ts";
import { type Choice, chooseType, type Load, type TypeSeries } from "./choice.ts";
import type { InstanceType, UnavailableType } from "./decide.port.ts";
import type { SizesSituation } from "./decide-sizes.ts";
import { ceiling, finite } from "./finite.ts";
import { lastAction } from "./last-action.ts";
import { type Serving, servings, withoutZone, withZoneToSpare } from "./need.ts";
import { LEAST_SAVING, REVIEWED_COOLDOWN } from "./policy.ts";
import { affordableReplicas, limits } from "./replicas.ts";
import { inWindow } from "./windows.ts";

interface TypeSituation extends Omit<SizesSituation, "count"> {
  /** Types that do not come. */
  readonly unavailable: readonly UnavailableType[];
}

/** Slots that the horizon is looked at in, and what the quantiles of each stand for (Swanson's rule: https://www.onepetro.org/conference-paper/SPE-63084-MS). */
const SLOTS = 12;
const QUANTILES = [
  [0.1, 0.3],
  [0.5, 0.4],
  [0.9, 0.3],
] as const;
const DAY = 86_400;

/**
 * The capacity with replicas of another instance type, where the catalogue has one that is worth it: that saves at least 15 % of the cost
 * expected over the horizon, or serves a peak that the present type cannot within what is allowed, or is to be had where the present one does not
 * come. At most one a week, but for the last. A saving is found only on good telemetry and trusted forecasts of every series. `undefined` where
 * the type stays.
 *
 * @param capacity what was decided with the present type
 */
export function decideType(s: TypeSituation, capacity: Capacity, reasons: Reason[]): Capacity | undefined {
  const { input, situation } = s;
  const { constraints, now, faults, frozen } = situation;
  const types = input.catalogue ?? {};
  const name = presentType(capacity.perReplica, types);
  if (name === undefined || frozen || faults.length > 0 || constraints.change.vertical === "none") return undefined;
  if (!Object.values(types).every(sound) || input.pending.some(({ kind }) => kind === "vertical")) return undefined;
  const gone = s.unavailable.some(({ type }) => type === name);
  // A type that does not come is left for another one at once: what was asked for is missing.
  const last = lastAction(input, ["type"]);
  if (!gone && (!inWindow(constraints.change.windows, now) || (last !== undefined && now - last < REVIEWED_COOLDOWN)))
    return undefined;
  const choice = choiceOf(s, name, types);
  if (choice === undefined) return undefined;
  const { best, present } = choice;
  if (best === undefined || best.type === name) return undefined;
  if (present !== undefined && !(best.cost <= (1 - LEAST_SAVING) * present.cost)) return undefined;
  const next = retyped(s, capacity, types[best.type], best.type);
  if (next === undefined) return undefined;
  const why = gone
    ? "which does not come when it is asked for"
    : "which cannot serve the demand that is expected with as many replicas as are allowed";
  const saved = present === undefined ? undefined : formatShort(100 * (1 - best.cost / present.cost));
  reasons.push({
    kind: "choice",
    text:
      saved === undefined
        ? `${best.type} in place of ${name}, ${why}`
        : `${best.type} in place of ${name} saves ${saved} % of the cost expected over the horizon`,
  });
  return next;
}

function sound({ cpu, memory, pricePerHour }: InstanceType): boolean {
  return [cpu, memory, pricePerHour].every((value) => value > 0 && Number.isFinite(value));
}

function choiceOf(
  s: TypeSituation,
  present: string,
  types: Readonly<Record<string, InstanceType>>,
): Choice | undefined {
  const { input, situation, served, outlooks } = s;
  const { constraints, asked } = situation;
  // What a replica of another type carries of requests is not known.
  if (served.some(({ series }) => series === "requests")) return undefined;
  // Of what no source can measure nothing is known: no type with less of it is chosen.
  const relevant = served.filter(
    (serving): serving is Serving & { series: TypeSeries } =>
      serving.series !== "storage" && input.unmeasured?.includes(serving.series) !== true,
  );
  const foreseen = relevant.every(({ series }) => outlooks.get(series)?.mayRelease === true);
  const spans = relevant.map(({ series }) => spanOf(s, series));
  const seconds = foreseen && spans.length > 0 ? Math.min(...spans) : 0;
  const loads: Load[] = [];
  for (const serving of relevant) {
    const load = loadOf(s, serving, seconds, types[present].container === true);
    if (load === "unclear") return undefined;
    if (load !== undefined) loads.push(load);
  }
  const { least, most } = limits({ ...situation, pricePerReplica: undefined });
  const { availability, cost } = constraints;
  const stays = availability.stateful === true || !loads.some(({ adds }) => adds);
  const slots = seconds > 0 ? SLOTS : 0;
  const choice = chooseType({
    types,
    present,
    unavailable: outOfReach(s, present, types),
    loads,
    weights: Float64Array.from(
      { length: slots * QUANTILES.length },
      (_, k) => (QUANTILES[k % QUANTILES.length][1] * seconds) / 3600 / SLOTS,
    ),
    least: stays ? Math.max(least, asked) : least,
    most,
    zones: zonesOf(s),
    ...(cost.onBudget === "cap" && cost.max !== undefined
      ? { budget: finite(cost.max - (situation.besides ?? 0), 0, 0, 1e12) }
      : {}),
    changeHours: finite(input.leadTime.vertical.p95, 300, 0, DAY) / 3600,
  });
  // Without forecasts only what is short now shows that another type is needed.
  return foreseen || choice.present === undefined ? choice : undefined;
}

/** Types that do not come, and others than the present one that the constraints do not allow. */
function outOfReach(
  { unavailable, situation: { constraints } }: TypeSituation,
  present: string,
  types: Readonly<Record<string, InstanceType>>,
): Set<string> {
  const { instances } = constraints.limits;
  const forbidden = (name: string) =>
    instances.length > 0 && name !== present && types[name].container !== true && !matchesName(instances, name);
  return new Set([...unavailable.map(({ type }) => type), ...Object.keys(types).filter(forbidden)]);
}

function zonesOf({ situation: { constraints } }: TypeSituation): number {
  return constraints.availability.survive === "zone"
    ? Math.floor(finite(constraints.availability.zones, 1, 1, 1000))
    : 1;
}

/** Seconds ahead that a series is forecast for. */
function spanOf({ input }: TypeSituation, series: SeriesName): number {
  const forecast = input.forecasts[series];
  return forecast === undefined ? 0 : forecast.step * (forecast.horizons.at(-1) ?? 0);
}

/** A series as a load; none where nothing is known of it, unclear where demand is held back by a limit. */
function loadOf(
  { input, telemetry, outlooks, ready }: TypeSituation,
  serving: Serving & { series: TypeSeries },
  seconds: number,
  container: boolean,
): Load | "unclear" | undefined {
  const { series, scales, utilisation } = serving;
  const sample = telemetry.demand.get(series);
  if (sample?.censored === true) return "unclear";
  const outlook = outlooks.get(series);
  const forecast = input.forecasts[series];
  if (sample === undefined && outlook === undefined) return undefined;
  let peak = sample?.value ?? 0;
  const slots: number[] = [];
  if (outlook !== undefined && forecast !== undefined) {
    const row = forecast.values[forecast.levels.indexOf(outlook.level)];
    for (let k = 0; k < row.length; k++) peak = Math.max(peak, row[k]);
    for (let slot = 0; slot < SLOTS && seconds > 0; slot++)
      for (const [level] of QUANTILES)
        slots.push(
          quantileAt(forecast, levelAtLeast(forecast, level), (seconds * (slot + 0.5)) / SLOTS / forecast.step),
        );
  }
  const { perReplica, storage, network } = input.capacity;
  const stated = {
    cpu: perReplica.cpu,
    memory: perReplica.memory,
    disk: storage.throughput,
    network: network.bandwidth,
  };
  const typed = container && (series === "cpu" || series === "memory");
  const known = input.fixedPerReplica?.[series];
  const fixed = known !== undefined && Number.isFinite(known) && known >= 0 ? known : undefined;
  return {
    series,
    // Memory of which nothing is known to be driven by load adds no replicas.
    adds: scales === "out" && (series !== "memory" || fixed !== undefined),
    utilisation,
    ...(typed || serving.whole || stated[series] === undefined ? {} : { most: stated[series] }),
    fixed: fixed ?? (series === "memory" ? undefined : 0),
    replicas: ready,
    peak,
    slots,
  };
}

/**
 * The capacity with another type: as many replicas, now and at each step of its plan, as carry what the decided ones would have of every
 * series that adds replicas. `undefined` where that is more than is allowed.
 */
function retyped(s: TypeSituation, capacity: Capacity, type: InstanceType, name: string): Capacity | undefined {
  const { input, situation } = s;
  const { constraints } = situation;
  const perReplica =
    type.container === true
      ? { ...capacity.perReplica, cpu: type.cpu, memory: type.memory }
      : { ...capacity.perReplica, instance: name };
  const next = { ...capacity, perReplica };
  const after = new Map(servings(next, constraints, input.catalogue).map((serving) => [serving.series, serving]));
  let times = 0;
  for (const serving of servings(capacity, constraints, input.catalogue)) {
    const { series, scales, capacity: before } = serving;
    const unknown = series === "memory" && input.fixedPerReplica?.memory === undefined;
    if (scales !== "out" || unknown || !s.telemetry.demand.has(series)) continue;
    times = Math.max(times, before / (after.get(series)?.capacity ?? before));
  }
  if (times === 0) times = 1;
  const zones = zonesOf(s);
  const { least, most } = limits({ ...situation, pricePerReplica: undefined });
  const paid =
    constraints.cost.onBudget === "cap"
      ? affordableReplicas({ constraints, pricePerReplica: type.pricePerHour, besides: situation.besides })
      : undefined;
  const top = Math.min(most, paid ?? most);
  const carry = (replicas: number) => {
    const needed = withZoneToSpare(ceiling(withoutZone(replicas, zones) * times), zones);
    const kept = constraints.availability.stateful === true ? Math.max(needed, replicas) : needed;
    return Math.min(top, Math.max(least, kept));
  };
  if (top < least) return undefined;
  const plan = capacity.plan.map(({ at, floor }) => ({ at, floor: carry(floor) }));
  const { replicas } = capacity;
  if ("count" in replicas) return { ...next, plan, replicas: { count: carry(replicas.count) } };
  const floor = carry(replicas.floor);
  const highest = plan.reduce((highest, step) => Math.max(highest, step.floor), floor);
  return { ...next, plan, replicas: { floor, ceiling: Math.max(highest, carry(replicas.ceiling)) } };
}
