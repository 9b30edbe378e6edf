import type { SeriesForecastView, SeriesView } from "../../engine/api/engine-control.port.ts";
import type { Capacity, PlanStep } from "../../model/capacity.ts";
import type { SeriesName } from "../../model/dimension.ts";
import { replicasAt } from "../../model/replicas-at.ts";

/** Values at the instants of one axis: `null` where there is none, `undefined` where the instant is no tick of the line and says nothing. */
export type Line = readonly (number | null | undefined)[];

/** Everything that is drawn of one series, over one axis of epoch seconds in ascending order. */
export interface ChartLines {
  readonly x: readonly number[];
  readonly demand: Line;
  readonly usage: Line;
  readonly middle: Line;
  readonly low: Line;
  readonly high: Line;
  /** The quantile that decides. */
  readonly decides: Line;
  /** What is asked for carries at the utilisation target, and at most. */
  readonly capacity: Line;
  readonly limit: Line;
}

export interface ChartInput {
  readonly series: SeriesName;
  readonly forecast: SeriesForecastView | undefined;
  readonly view: SeriesView | undefined;
  /** Seconds between two values of the history. */
  readonly step: number;
  readonly ready: number;
  readonly capacity: Capacity;
  /** Replicas asked for at an instant, and the instants at which that steps. */
  readonly course: (at: number) => number;
  readonly instants: readonly number[];
  /** Epoch seconds. */
  readonly now: number;
}

/** Puts past, forecast and capacity on one axis. */
export function chartLines(input: ChartInput): ChartLines {
  const { forecast, instants, now } = input;
  const past = new Map<number, number | null>();
  const history = forecast?.history ?? [];
  history.forEach((value, i) => {
    past.set(forecast!.issuedAt - (history.length - 1 - i) * input.step, value);
  });
  const used = new Map<number, number | null>();
  const usage = forecast?.usage ?? [];
  usage.forEach((value, i) => {
    used.set(forecast!.issuedAt - (usage.length - 1 - i) * input.step, value);
  });
  const ahead = new Map(forecast?.points.map((point) => [point.at, point]));
  const known = [...past.keys(), ...ahead.keys(), now];
  const [first, last] = [Math.min(...bounds(known)), Math.max(...bounds(known))];
  const x = [...new Set([...known, ...instants.filter((at) => at > first && at < last)])].sort((a, b) => a - b);
  const bands = x.map((at) => band(ahead.get(at)?.quantiles));
  const carries = carrier(input);
  return {
    x,
    demand: x.map((at) => (at > now ? null : past.get(at))),
    usage: x.map((at) => (at > now ? null : used.get(at))),
    middle: x.map((at) => ahead.get(at)?.point ?? null),
    low: bands.map((found) => found?.[0] ?? null),
    high: bands.map((found) => found?.[1] ?? null),
    decides: x.map((at) => ahead.get(at)?.parts?.quantile ?? null),
    capacity: x.map((at) => carries(at).target),
    limit: x.map((at) => carries(at).limit),
  };
}

/** The lowest and the highest of the quantiles. */
function band(quantiles: Readonly<Record<string, number>> | undefined): readonly [number, number] | undefined {
  const values = Object.values(quantiles ?? {});
  return values.length === 0 ? undefined : [Math.min(...values), Math.max(...values)];
}

/** First and last without spreading a long list into arguments. */
function bounds(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** What the capacity asked for carries at an instant. Figures per replica follow the replicas, the others stay as they are now. */
function carrier({ series, view, ready, capacity, course }: ChartInput) {
  const target = view?.capacity ?? null;
  const figure = {
    cpu: capacity.perReplica.cpu,
    memory: capacity.perReplica.memory,
    requests: capacity.perReplica.requests,
    storage: capacity.storage.size,
    disk: capacity.storage.throughput,
    network: capacity.network.bandwidth,
  }[series];
  const follows = series === "cpu" || series === "memory" || series === "requests";
  return (at: number): { target: number | null; limit: number | null } => {
    if (!follows) return { target, limit: figure ?? null };
    const replicas = course(at);
    return {
      target: target === null || ready === 0 ? null : (target / ready) * replicas,
      limit: figure === undefined ? null : figure * replicas,
    };
  };
}

/** Replicas over time: what is asked for, and what the present forecast would publish. */
export function replicaLines(
  { x, course, now }: { readonly x: readonly number[]; readonly course: (at: number) => number; readonly now: number },
  capacity: Capacity,
  proposed: readonly PlanStep[],
): { readonly asked: Line; readonly proposed: Line } {
  const draft = { replicas: capacity.replicas, plan: proposed };
  return {
    asked: x.map(course),
    proposed: x.map((at) => (at < now || proposed.length === 0 ? null : replicasAt(draft, at))),
  };
}
