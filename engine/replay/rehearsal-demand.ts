import type { Trace } from "./trace.ts";

/** What a rehearsed stretch asks for. */
export interface Demand {
  /** Mean cores over a stretch; NaN in a gap. */
  mean(begin: number, end: number): number;
  points(from: number, to: number): { at: number; cpu: number }[];
}

export interface DemandOptions {
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly machines: number;
  /** Seconds over which the busiest is looked for. */
  readonly tick: number;
  readonly utilisation: number;
}

/**
 * The trace in cores, scaled so that its busiest tick calls for so many machines of two cores.
 *
 * @throws Error when there is no demand in it
 */
export function demandOf(
  { startsAt, step, series }: Trace,
  { from, to, machines, tick, utilisation }: DemandOptions,
): Demand {
  const values = series.get("cpu") ?? series.values().next().value!;
  const raw = (begin: number, end: number) => {
    const slice = values.subarray(
      Math.max(0, Math.round((begin - startsAt) / step)),
      Math.max(0, Math.round((end - startsAt) / step)),
    );
    return slice.length === 0 ? Number.NaN : slice.reduce((sum, value) => sum + value, 0) / slice.length;
  };
  let most = 0;
  for (let at = from; at < to; at += tick) most = Math.max(most, raw(at, at + tick) || 0);
  if (!(most > 0)) throw new Error("expected a trace with demand in the stretch that is rehearsed, found none");
  const factor = (machines * 2 * utilisation * 0.999) / most;
  const mean = (begin: number, end: number) => raw(begin, end) * factor;
  return {
    mean,
    points(begin, end) {
      const points: { at: number; cpu: number }[] = [];
      for (let at = begin; at < end; at += 60) {
        const cpu = mean(at, at + 60);
        if (!Number.isNaN(cpu)) points.push({ at, cpu });
      }
      return points;
    },
  };
}
