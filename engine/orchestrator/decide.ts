import { type Capacity, replicasAt } from "../../model/capacity.ts";
import { DIMENSION_OF, type SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import { levelAtLeast, quantileAt } from "../forecast/forecast.port.ts";
import { presentType } from "./catalogue/types-for.ts";
import type { DecideInput, Decision, DecisionMemory, SeriesNeed, UnavailableType, Wants } from "./decide.port.ts";
import { decideSizes } from "./decide-sizes.ts";
import { decideType } from "./decide-type.ts";
import { diskCost } from "./disk-cost.ts";
import { finite, MOST_REPLICAS } from "./finite.ts";
import { chosenCpu, growsBeyondReplicas } from "./grown-cpu.ts";
import { lastAction } from "./last-action.ts";
import { replicasNeeded, type Serving, servings, withZoneToSpare } from "./need.ts";
import { type Outlook, outlookOf } from "./outlook.ts";
import { learntLaxity, soundLaxity } from "./plan-calibration.ts";
import { ABSURD_RATIO, levelFor, releaseLevelFor } from "./policy.ts";
import { publishCount, publishFloors } from "./publish-plan.ts";
import { affordableReplicas, bounds, decideReplicas, type ReplicaSituation } from "./replicas.ts";
import { sloFloor } from "./slo-floor.ts";
import { judgeTelemetry, type Telemetry } from "./telemetry.ts";
import { unavailableTypes } from "./unavailable-types.ts";

/** A lead time that was not measured yet, or not sensibly. */
const DEFAULT_LEAD_TIME = 300;
const DAY = 86_400;
/** USD an hour; keeps products finite. */
const MOST_PRICE = 1e9;

/**
 * What a workload's capacity should be now, and why. Pure: the same input gives the same decision on any machine. Whatever the input
 * holds, the answer is finite and inside what people allow, and bad data never releases capacity.
 *
 * Rule and precedence: docs/architecture.md, "Decide"; settings: `policy.ts`.
 */
export function decide(input: DecideInput): Decision {
  const { capacity, constraints } = input;
  const now = finite(input.now, 0, -1e12, 1e12);
  const asked = Math.round(finite(replicasAt(capacity, now), 0, 0, MOST_REPLICAS));
  const reasons: Reason[] = [...(input.notes ?? [])];
  if (input.holds.freeze?.all === true) return unchanged(input, "frozen entirely");

  const late = lateReplicas(input, now, asked, reasons);
  const unavailable = unavailableTypes(input, now, late);
  // Where another type can be had, more of the one that does not come are not asked for on top.
  const effective = late > 0 && othersThan(unavailable, input) ? asked : asked - late;
  const served = servings(capacity, constraints, input.catalogue).map((serving) => asChosen(serving, input));
  const ready = Math.round(finite(input.ready, asked, 0, MOST_REPLICAS));
  const telemetry = judgeTelemetry(input, served, ready);
  const frozen = input.holds.freeze !== undefined;
  const out = finite(input.leadTime.out.p95, DEFAULT_LEAD_TIME, 0, DAY);
  const vertical = finite(input.leadTime.vertical.p95, DEFAULT_LEAD_TIME, 0, DAY);
  const hold = finite(constraints.change.cooldown.in, 600, 0, DAY);
  const { violation } = constraints.performance;
  const levels = { grow: levelFor(violation), release: releaseLevelFor(violation) };

  const outlooks = new Map<SeriesName, Outlook>();
  for (const { series, scales, capacity: figure, whole } of served) {
    const forecast = input.forecasts[series];
    if (forecast === undefined || forecast === null) continue;
    const most = ABSURD_RATIO * figure * (whole ? 1 : Math.max(1, ready, asked));
    const outlook = outlookOf(forecast, levels, { now, delay: scales === "out" ? out : vertical, hold, most });
    if (typeof outlook !== "string") outlooks.set(series, outlook);
    else reasons.push({ kind: "untrusted", series, text: `${series}: the forecast counts for nothing: ${outlook}` });
  }

  reasons.push(...telemetry.notes);

  const needs: Partial<Record<SeriesName, SeriesNeed>> = {};
  const replicaWants = wantsOf(input, served, telemetry, outlooks, { ready, asked: effective }, needs, reasons);
  const pricePerReplica = priceOf(input);
  const situation: ReplicaSituation = {
    now,
    step: finite(input.step, 60, 1e-3, DAY),
    asked,
    effective,
    wants: replicaWants.wants,
    foreseen: replicaWants.foreseen,
    threshold: finite(constraints.change.threshold[DIMENSION_OF[replicaWants.driver ?? "cpu"]], 0.05, 0, 1),
    faults: telemetry.faults,
    frozen,
    pins: input.holds.pins.filter((pin) => pin.until > now),
    constraints,
    lastIn: lastAction(input, ["in"]),
    lastOut: lastAction(input, ["out"]),
    memory: sound(input),
    pricePerReplica,
    besides: diskCost(input.diskPrice, capacity, constraints),
  };
  const { count, reasons: why, short, memory } = decideReplicas(situation);
  // With floors the native autoscaler carries out the rule; what the rule would do is no reason for what is published.
  reasons.push(...(capacity.owns === "floor" ? telemetry.faults : why));

  const sized = decideSizes({ input, situation, served, telemetry, outlooks, ready, count }, needs, reasons);
  const publication = { input, situation, count, capacity: sized.capacity, served, outlooks };
  const same = capacity.owns === "floor" ? publishFloors(publication, reasons) : publishCount(publication, reasons);
  const retyped = decideType({ input, situation, served, telemetry, outlooks, ready, unavailable }, same, reasons);
  const next = retyped ?? same;
  const changed = JSON.stringify(next) !== JSON.stringify(capacity);
  if (!changed) reasons.push({ kind: "unchanged", text: "nothing is to change" });
  const typeReviewed = retyped !== undefined && constraints.change.vertical === "review";
  const automatic = withoutReviewed(typeReviewed ? same : next, capacity, sized.reviewed);
  // The price is of what is proposed.
  const priced = retyped === undefined ? served : servings(retyped, constraints, input.catalogue);
  const proposed = retyped === undefined ? count : replicasAt(retyped, now);
  return {
    capacity: next,
    changed,
    automatic,
    needsReview: typeReviewed || sized.reviewed.length > 0,
    reasons,
    ...(short === undefined || capacity.owns === "floor" || sized.serves ? {} : { short }),
    ...(late === 0 ? {} : { late: { replicas: late, type: presentType(capacity.perReplica, input.catalogue) } }),
    needs,
    wants: replicaWants.wants,
    ...priceRange(
      input,
      priced,
      outlooks,
      ready,
      proposed,
      retyped === undefined ? pricePerReplica : priceOf({ ...input, capacity: retyped }),
      diskCost(input.diskPrice, next, constraints),
    ),
    memory: {
      ...memory,
      ...(unavailable.length === 0 ? {} : { unavailable }),
      ...laxityOf(input, replicaWants.wants.present > ready, frozen || telemetry.faults.length > 0),
    },
  };
}

function unchanged(input: DecideInput, text: string): Decision {
  return {
    capacity: input.capacity,
    changed: false,
    automatic: input.capacity,
    needsReview: false,
    reasons: [
      {
        kind: "freeze",
        text: input.holds.freeze?.reason === undefined ? text : `${text}: ${input.holds.freeze.reason}`,
      },
    ],
    needs: {},
    wants: { present: 0, trigger: 0, grow: 0, release: 0 },
    memory: sound(input),
  };
}

/** Replicas that were asked for longer ago than they ever take. They do not count as coming. */
function lateReplicas(input: DecideInput, now: number, asked: number, reasons: Reason[]): number {
  const p99 = finite(input.leadTime.out.p99, DEFAULT_LEAD_TIME, 0, DAY);
  let late = 0;
  for (const { replicas, since, kind } of input.pending)
    if (kind === "out" && now - since > p99) late += Math.round(finite(replicas, 0, 0, MOST_REPLICAS));
  late = Math.min(late, asked);
  if (late > 0)
    reasons.push({
      kind: "short",
      from: asked,
      to: asked - late,
      text: `${late} replicas have not come within ${formatShort(p99)} s and no longer count as coming`,
    });
  return late;
}

/** Whether there are types besides those that do not come. */
function othersThan(unavailable: readonly UnavailableType[], { catalogue, constraints }: DecideInput): boolean {
  const known = Object.keys(catalogue ?? {});
  return constraints.change.vertical !== "none" && known.some((name) => !unavailable.some(({ type }) => type === name));
}

interface ReplicaWants {
  readonly wants: Wants;
  readonly foreseen: boolean;
  readonly driver?: SeriesName;
}

function wantsOf(
  input: DecideInput,
  served: readonly Serving[],
  telemetry: Telemetry,
  outlooks: ReadonlyMap<SeriesName, Outlook>,
  { ready, asked }: { ready: number; asked: number },
  needs: Partial<Record<SeriesName, SeriesNeed>>,
  reasons: Reason[],
): ReplicaWants {
  const { availability } = input.constraints;
  const zones = availability.survive === "zone" ? finite(availability.zones, 1, 1, 1000) : 1;
  let [present, trigger, grow, release] = [0, 0, 0, 0];
  let driver: SeriesName | undefined;
  let foreseen = true;
  const counted = served.filter(
    ({ scales, series }) => scales === "out" && input.unmeasured?.includes(series) !== true,
  );
  // Where nothing says how many replicas are needed, as many as there are.
  if (counted.length === 0)
    return { wants: { present: 0, trigger: asked, grow: asked, release: asked }, foreseen: false };
  for (const serving of counted) {
    const { series } = serving;
    // What is borrowed, or not trusted so near, does not show that what was needed lately is needed no more.
    foreseen &&= outlooks.get(series)?.mayRelease === true;
    const fixed = fixedPart(input, series, ready);
    // Where the fixed part alone fills a replica more of them do not help: what is asked for stays.
    const helps = serving.capacity * serving.utilisation > fixed;
    const need = (demand: number) =>
      helps ? withZoneToSpare(replicasNeeded(demand, serving, fixed, ready), zones) : asked;
    const sample = telemetry.demand.get(series);
    let now: number | undefined;
    if (sample !== undefined) {
      now = need(sample.value);
      // At a limit there is more demand than can be seen: half as many again, counted on what serves, so that it does not compound.
      if (sample.censored)
        now = Math.max(now, Math.min(MOST_REPLICAS, Math.ceil(Math.min(ready, Math.max(1, asked)) * 1.5)));
      present = Math.max(present, now);
    }
    const outlook = outlooks.get(series);
    let ahead: number | undefined;
    if (outlook !== undefined) {
      ahead = need(outlook.trigger);
      grow = Math.max(grow, need(outlook.grow));
      release = Math.max(release, need(outlook.release));
    }
    if (Math.max(now ?? 0, ahead ?? 0) > trigger || driver === undefined) driver = series;
    trigger = Math.max(trigger, now ?? 0, ahead ?? 0);
    needs[series] = {
      unit: "replicas",
      ...(now === undefined ? {} : { present: now }),
      ...(ahead === undefined ? {} : { ahead }),
    };
    if (now !== undefined)
      reasons.push({ kind: "demand", series, to: now, text: `${series} ${formatShort(sample!.value)} needs ${now}` });
    if (outlook !== undefined)
      reasons.push({
        kind: "forecast",
        series,
        to: ahead,
        interval: outlook.interval,
        text: `${series} p${formatShort(outlook.level * 100)} ${formatShort(outlook.trigger)} needs ${ahead} when more could come`,
      });
  }
  const floor = sloFloor(input, present, ready, asked, reasons);
  present = Math.max(present, floor);
  trigger = Math.max(trigger, floor);
  release = Math.max(release, present);
  return { wants: { present, trigger, grow: Math.max(grow, trigger), release }, foreseen, driver };
}

function fixedPart(input: DecideInput, series: SeriesName, ready: number): number {
  const known = input.fixedPerReplica?.[series];
  if (known !== undefined && Number.isFinite(known) && known >= 0) return known;
  if (series !== "memory") return 0;
  const total = input.demand.memory?.value;
  return total !== undefined && Number.isFinite(total) && total > 0 ? total / Math.max(1, ready) : 0;
}

/** CPU that scales out is compared with the size that a person chose, not with what it has grown to (`grown-cpu.ts`). */
function asChosen(serving: Serving, { capacity, lastActions }: DecideInput): Serving {
  return growsBeyondReplicas(serving, capacity)
    ? { ...serving, capacity: chosenCpu(serving.capacity, lastActions) }
    : serving;
}

function withoutReviewed(next: Capacity, before: Capacity, reviewed: readonly SeriesName[]): Capacity {
  let capacity = next;
  for (const series of reviewed) {
    if (series === "cpu")
      capacity = { ...capacity, perReplica: { ...capacity.perReplica, cpu: before.perReplica.cpu } };
    if (series === "memory")
      capacity = { ...capacity, perReplica: { ...capacity.perReplica, memory: before.perReplica.memory } };
    if (series === "disk")
      capacity = { ...capacity, storage: { ...capacity.storage, throughput: before.storage.throughput } };
    if (series === "storage") capacity = { ...capacity, storage: { ...capacity.storage, size: before.storage.size } };
    if (series === "network") capacity = { ...capacity, network: before.network };
  }
  return capacity;
}

/**
 * With floors: how lax they may be, learnt from whether this tick was short. Bad measurements teach nothing, nor do floors that are only
 * watched.
 */
function laxityOf({ capacity, constraints, memory, mode, plan, step }: DecideInput, violated: boolean, odd: boolean) {
  if (capacity.owns !== "floor") return {};
  const before = memory?.laxity;
  if (odd || plan === undefined || mode === "observe")
    return before === undefined ? {} : { laxity: soundLaxity(before) };
  return { laxity: learntLaxity(before, violated, constraints.performance.violation, step / plan.interval) };
}

function sound({ memory }: DecideInput): DecisionMemory {
  const releases = (memory?.releases ?? []).filter(
    ({ at, replicas }) =>
      Number.isFinite(at) && Number.isFinite(replicas) && replicas >= 0 && replicas <= MOST_REPLICAS,
  );
  return { releases: [...releases], ...(memory?.laxity === undefined ? {} : { laxity: soundLaxity(memory.laxity) }) };
}

function priceOf({ pricePerReplica, constraints, capacity, catalogue }: DecideInput): number | undefined {
  const type = presentType(capacity.perReplica, catalogue);
  const price =
    pricePerReplica ??
    (type === undefined ? undefined : catalogue?.[type]?.pricePerHour) ??
    constraints.cost.perReplica;
  return price !== undefined && Number.isFinite(price) && price > 0 ? Math.min(price, MOST_PRICE) : undefined;
}

function priceRange(
  input: DecideInput,
  served: readonly Serving[],
  outlooks: ReadonlyMap<SeriesName, Outlook>,
  ready: number,
  count: number,
  price: number | undefined,
  besides: number,
): { price?: Decision["price"] } {
  if (price === undefined) return {};
  const { least, most } = bounds(input.constraints);
  const affordable = affordableReplicas({ constraints: input.constraints, pricePerReplica: price, besides });
  const top = Math.min(most, input.constraints.cost.onBudget === "cap" ? (affordable ?? most) : most);
  const at = (level: number) => {
    let replicas = outlooks.size === 0 ? count : least;
    for (const serving of served) {
      const outlook = outlooks.get(serving.series);
      const forecast = input.forecasts[serving.series];
      if (serving.scales !== "out" || outlook === undefined || forecast === undefined) continue;
      const demand = quantileAt(forecast, levelAtLeast(forecast, level), outlook.ticksAhead);
      replicas = Math.max(replicas, replicasNeeded(demand, serving, fixedPart(input, serving.series, ready), ready));
    }
    return Math.min(replicas, Math.max(least, top)) * price + besides;
  };
  return { price: { p10: at(0.1), p50: at(0.5), p90: at(0.9), asked: count * price + besides } };
}
