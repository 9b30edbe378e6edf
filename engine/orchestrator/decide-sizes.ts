import type { Capacity } from "../../model/capacity.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import { presentType } from "./catalogue/types-for.ts";
import type { DecideInput, SeriesNeed } from "./decide.port.ts";
import { finite } from "./finite.ts";
import { growsBeyondReplicas, mostCpu, mostReplicas } from "./grown-cpu.ts";
import { lastAction } from "./last-action.ts";
import { type Serving, sizeNeeded, withoutZone } from "./need.ts";
import type { Outlook } from "./outlook.ts";
import { affordableReplicas, type ReplicaSituation } from "./replicas.ts";
import { decideSize, type SizeDecision, type SizeSituation, withSize } from "./sizes.ts";
import type { Telemetry } from "./telemetry.ts";

/** What all sizes of a workload follow from, once the number of replicas is decided. */
export interface SizesSituation {
  readonly input: DecideInput;
  readonly situation: ReplicaSituation;
  readonly served: readonly Serving[];
  readonly telemetry: Telemetry;
  readonly outlooks: ReadonlyMap<SeriesName, Outlook>;
  readonly ready: number;
  readonly count: number;
}

export interface Sizes {
  readonly capacity: Capacity;
  /** What of it waits for a person. */
  readonly reviewed: readonly SeriesName[];
  /** Replicas that have more CPU than was chosen for them serve present demand, as few as they are. */
  readonly serves: boolean;
}

const DEFAULT_LEAD_TIME = 300;
const DAY = 86_400;

/** The capacity with every size as it should be. Adds to the needs and to the reasons. */
export function decideSizes(
  s: SizesSituation,
  needs: Partial<Record<SeriesName, SeriesNeed>>,
  reasons: Reason[],
): Sizes {
  const { input, served } = s;
  const { change } = input.constraints;
  const reviewed: SeriesName[] = [];
  let serves = false;
  let capacity = input.capacity;
  const { perReplica } = capacity;
  const fixedByType = perReplica.instance !== undefined || presentType(perReplica, input.catalogue) !== undefined;
  for (const serving of served) {
    const { series } = serving;
    const beyond = growsBeyondReplicas(serving, input.capacity);
    if (serving.scales !== "up" && !beyond) continue;
    const sized = beyond ? cpuBeyondReplicas(s, serving) : sizeOf(s, serving);
    if (!beyond)
      needs[series] = {
        unit: "size",
        ...(sized.present === undefined ? {} : { present: sized.present }),
        ...(sized.ahead === undefined ? {} : { ahead: sized.ahead }),
      };
    reasons.push(...sized.reasons);
    // An instance type or a container size fixes CPU and memory: another one is the choice's (`decide-type.ts`).
    if (fixedByType && (series === "cpu" || series === "memory")) continue;
    serves ||= sized.serves === true;
    if (sized.size === sized.before) continue;
    capacity = withSize(capacity, series, sized.size);
    if (series === "storage" ? change.irreversible === "approve" : change.vertical === "review") reviewed.push(series);
  }
  return { capacity, reviewed, serves };
}

interface Sized extends SizeDecision {
  readonly before: number;
  readonly present?: number;
  readonly ahead?: number;
  readonly serves?: boolean;
}

/** A size in a dimension that scales up. */
function sizeOf(s: SizesSituation, serving: Serving): Sized {
  const needed = sizesNeeded(s, serving, s.count);
  const censored = s.telemetry.demand.get(serving.series)?.censored ?? false;
  const decision = decideSize({ ...situationOf(s, serving), ...needed, censored });
  return { ...decision, ...needed, before: serving.capacity };
}

/**
 * CPU per replica where CPU scales out: it grows where more replicas are needed than people allow, so that as many as they allow serve the
 * demand, and goes back to what was chosen when that is enough again.
 */
function cpuBeyondReplicas(s: SizesSituation, serving: Serving): Sized {
  const { constraints, pins } = s.situation;
  const { availability, change } = constraints;
  const before = s.input.capacity.perReplica.cpu!;
  const chosen = Math.min(serving.capacity, before);
  const most = mostReplicas(constraints, pins);
  const full = most > 0 && s.count >= most;
  const zones = availability.survive === "zone" ? finite(availability.zones, 1, 1, 1000) : 1;
  const needed = sizesNeeded(s, serving, withoutZone(most, zones));
  const decision = decideSize({
    ...situationOf(s, { ...serving, capacity: before }),
    // With fewer replicas than are allowed more of them are the answer.
    present: full || needed.present === undefined ? needed.present : Math.min(needed.present, before),
    ahead: full ? needed.ahead : undefined,
    release: needed.release,
    censored: false,
    least: chosen,
    most: mostCpu(constraints, chosen, most, affordableReplicas(s.situation)),
  });
  const granted = change.vertical === "auto" ? decision.size : before;
  return {
    size: decision.size,
    before,
    serves: full && granted > chosen && needed.present !== undefined && needed.present <= granted,
    reasons:
      decision.size > before
        ? [
            {
              kind: "bounds",
              series: "cpu",
              text: `${most} replicas are all that is allowed: each is to have more CPU`,
            },
            ...decision.reasons,
          ]
        : decision.reasons,
  };
}

function situationOf(s: SizesSituation, serving: Serving): Omit<SizeSituation, "censored"> {
  const { constraints, now, step, frozen, faults } = s.situation;
  const p99 = finite(s.input.leadTime.vertical.p99, DEFAULT_LEAD_TIME, 0, DAY);
  return {
    now,
    step,
    serving,
    underWay: s.input.pending.some(({ kind, since }) => kind === "vertical" && now - since <= p99),
    frozen,
    faulty: faults.length > 0,
    constraints,
    lastChange: lastAction(s.input, ["up", "down"]),
  };
}

/** Sizes that are needed now, ahead, and at most for as far as is known, when so many replicas share the load. */
function sizesNeeded(
  s: SizesSituation,
  serving: Serving,
  replicas: number,
): Pick<SizeSituation, "present" | "ahead" | "release"> {
  const { input, telemetry, outlooks, ready } = s;
  const { series } = serving;
  const known = input.fixedPerReplica?.[series];
  const unknown = series === "memory" ? undefined : 0;
  const fixed = known !== undefined && Number.isFinite(known) && known >= 0 ? known : unknown;
  const size = (demand: number) => sizeNeeded(demand, serving, fixed, ready, Math.max(1, replicas));
  const sample = telemetry.demand.get(series);
  const outlook = outlooks.get(series);
  const fills = filled(s, serving);
  if (outlook === undefined)
    return sample === undefined ? {} : { present: size(sample.value), ...(fills === 0 ? {} : { ahead: size(fills) }) };
  const most = Math.max(outlook.release, outlook.grow, farthest(input.forecasts[series], outlook.level));
  return {
    ...(sample === undefined ? {} : { present: size(sample.value) }),
    ahead: size(Math.max(outlook.grow, fills)),
    ...(outlook.mayRelease ? { release: size(most) } : {}),
  };
}

/** The greatest value of a quantile over everything that was forecast. */
function farthest(forecast: Forecast | undefined, level: number): number {
  if (forecast === undefined) return 0;
  const row = forecast.values[forecast.levels.indexOf(level)];
  let most = 0;
  for (let k = 0; k < row.length; k++) most = Math.max(most, row[k]);
  return most;
}

/**
 * What will be used when a change asked for at the next chance has come: storage goes on filling through two lead times, this
 * change's and one that is on its way before it. At most twice what there is: growth cannot be taken back.
 */
function filled({ input, telemetry }: SizesSituation, { series, capacity }: Serving): number {
  const sample = telemetry.demand.get(series);
  if (sample === undefined || sample.fills === 0) return 0;
  const ahead = 2 * finite(input.leadTime.vertical.p99, DEFAULT_LEAD_TIME, 0, DAY);
  return Math.min(sample.value + sample.fills * ahead, 2 * capacity);
}
