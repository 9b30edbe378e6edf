import type { InstanceType } from "./decide.port.ts";
import { ceiling } from "./finite.ts";
import { withZoneToSpare } from "./need.ts";

/** What a type has a figure of. */
export type TypeSeries = "cpu" | "memory" | "disk" | "network";

/** Demand of a workload in one series, and how much of it one replica may carry. */
export interface Load {
  readonly series: TypeSeries;
  /** More replicas are added for it. What does not add any has to fit with those that the others need at the peak. */
  readonly adds: boolean;
  readonly utilisation: number;
  /** A limit of one replica that holds whatever its type. */
  readonly most?: number;
  /** The part of demand that each replica has; `undefined` where it is not known: then all of the demand per replica counts as that. */
  readonly fixed?: number;
  /** Replicas that the demand is measured with and forecast for. */
  readonly replicas: number;
  /** The greatest demand that has to be served. */
  readonly peak: number;
  /** Demand in each of the slots that cost is counted over; of loads that add replicas. */
  readonly slots: ArrayLike<number>;
}

export interface ChoiceInput {
  readonly types: Readonly<Record<string, InstanceType>>;
  readonly present: string;
  /** Types that cannot be had, the present one perhaps among them. */
  readonly unavailable?: ReadonlySet<string>;
  readonly loads: readonly Load[];
  /** What a slot counts for: its hours by its probability. */
  readonly weights: ArrayLike<number>;
  /** Replicas that are allowed. */
  readonly least: number;
  readonly most: number;
  /** Zones of which one may be lost; one where none may. */
  readonly zones: number;
  /** USD an hour that the whole may cost at its peak. */
  readonly budget?: number;
  /** Hours for which old and new replicas run beside each other. */
  readonly changeHours: number;
}

/** What a type would come to. */
export interface Offer {
  readonly type: string;
  /** Replicas at the peak. */
  readonly replicas: number;
  /** USD expected over the slots, the cost of changing to it included. */
  readonly cost: number;
}

export interface Choice {
  readonly best?: Offer;
  /** Absent where the present type cannot be had, or cannot serve the peak within what is allowed. */
  readonly present?: Offer;
}

const LIMITS = ["cpu", "memory", "disk", "network"] as const;

/**
 * The instance type and number of replicas that serve all loads together within the bounds at least expected cost; the present type
 * where none is cheaper. Exact: for each type the least number of replicas is found in closed form, and every type is looked at. A type is
 * left out that has less than the present one of something whose demand is not known.
 */
export function chooseType(input: ChoiceInput): Choice {
  const { types, present: name } = input;
  const { unavailable } = input;
  const present = unavailable?.has(name) === true ? undefined : offerOf(input, name, Number.POSITIVE_INFINITY);
  const known = new Set(input.loads.map(({ series }) => series));
  const blind = LIMITS.filter((series) => !known.has(series));
  let best = present;
  for (const type of Object.keys(types)) {
    if (
      type === name ||
      unavailable?.has(type) === true ||
      blind.some((series) => !((types[type][series] ?? 0) >= (types[name][series] ?? 0)))
    )
      continue;
    const offer = offerOf(input, type, best?.cost ?? Number.POSITIVE_INFINITY);
    if (offer !== undefined) best = offer;
  }
  return { best, present };
}

/** Least replicas of a type that serve the loads that add some; infinite where no number does. More always serve as well. */
function replicasOf(input: ChoiceInput, type: InstanceType, demandOf: (load: Load) => number): number {
  let needed = 0;
  for (const load of input.loads) {
    if (!load.adds) continue;
    const { fixed = 0 } = load;
    const room = roomOf(load, type);
    const driven = demandOf(load) - fixed * load.replicas;
    if (room < fixed || (driven > 0 && room === fixed)) return Number.POSITIVE_INFINITY;
    if (driven > 0) needed = Math.max(needed, ceiling(driven / (room - fixed)), 1);
  }
  return Math.max(input.least, withZoneToSpare(needed, input.zones));
}

/** Whether the peak of a load that adds no replicas fits each of so many. */
function fits(load: Load, type: InstanceType, replicas: number): boolean {
  const now = Math.max(1, load.replicas);
  const { fixed } = load;
  const each =
    fixed === undefined ? load.peak / now : fixed + Math.max(0, load.peak - fixed * now) / Math.max(1, replicas);
  return each <= roomOf(load, type) * (1 + 1e-9);
}

function roomOf({ series, most = Number.POSITIVE_INFINITY, utilisation }: Load, type: InstanceType): number {
  return Math.min(type[series] ?? 0, most) * utilisation;
}

/** What a type would come to, where that is allowed and under a cost. */
function offerOf(input: ChoiceInput, name: string, under: number): Offer | undefined {
  const { loads, weights, most, budget, changeHours, present } = input;
  const type = input.types[name];
  const replicas = replicasOf(input, type, ({ peak }) => peak);
  if (!(replicas <= most) || replicas * type.pricePerHour > (budget ?? Number.POSITIVE_INFINITY) + 1e-9)
    return undefined;
  if (loads.some((load) => !load.adds && !fits(load, type, replicas))) return undefined;
  let cost = name === present ? 0 : changeHours * replicas * type.pricePerHour;
  for (let slot = 0; slot < weights.length; slot++) {
    cost +=
      weights[slot] *
      type.pricePerHour *
      Math.min(
        replicas,
        replicasOf(input, type, (load) => load.slots[slot]),
      );
    if (!(cost < under)) return undefined;
  }
  return loads.length === 0 || !(cost < under) ? undefined : { type: name, replicas, cost };
}
