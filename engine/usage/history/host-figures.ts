import type { Metric } from "../../../model/dimension.ts";
import type { Told } from "../mapping/attribution.ts";
import { THROTTLED } from "../mapping/pending-vector.ts";
import { isPossible } from "../possible.ts";

/** Arrays of one workload, a value a tick, that pieces of its past are added to. */
export interface WorkloadArrays {
  readonly usage: Map<Metric, Float64Array>;
  readonly demand: Map<Metric, Float64Array>;
  readonly throttled: Uint8Array;
  readonly replicas: Float64Array;
}

/** What tells one figure of a host, of one rank: sums of each metric that it needs. */
type Parts = Map<string, Float64Array>;

/** What is read of the hosts of one workload over some ticks, until it is added up as the intake does it with vectors. */
export class HostFigures {
  readonly #ticks: number;
  /** By host, figure (`usage` or `demand` of a metric) and rank. */
  readonly #hosts = new Map<string, Map<string, Map<number, { readonly needs: number; readonly parts: Parts }>>>();

  constructor(ticks: number) {
    this.#ticks = ticks;
  }

  /** @param values by tick; what is no number is a gap */
  add({ host, figure, family }: Told, name: string, values: readonly (readonly [tick: number, value: number])[]): void {
    if (typeof figure === "object" || figure === "concurrency") return;
    const key = `${family.demand === true ? "demand" : "usage"} ${figure}`;
    const figures = entry(this.#hosts, host, () => new Map());
    const ranks = entry(figures, key, () => new Map());
    const { parts } = entry(ranks, family.rank, () => ({
      needs: family.outOf === undefined ? 1 : 2,
      parts: new Map(),
    }));
    const sums = entry(parts, family.outOf === undefined ? "" : name, () => this.#empty());
    const { scale = 1, kind } = family;
    for (const [i, [tick, value]] of values.entries()) {
      if (!Number.isFinite(value) || tick < 0 || tick >= this.#ticks) continue;
      if (kind === "counter" && value === 0 && this.#isTail(values, i)) continue;
      sums[tick] = (Number.isNaN(sums[tick]) ? 0 : sums[tick]) + value * scale;
    }
  }

  /** Whether it is the tick after the last sample before a gap, of which VictoriaMetrics says that nothing was counted. */
  #isTail(values: readonly (readonly [tick: number, value: number])[], i: number): boolean {
    const [tick] = values[i];
    const [before, next] = [values[i - 1], values[i + 1]];
    return tick < this.#ticks - 1 && next?.[0] !== tick + 1 && before !== undefined && before[1] > 0;
  }

  #empty(): Float64Array {
    return new Float64Array(this.#ticks).fill(Number.NaN);
  }

  /** Adds all hosts to the workload's own figures. @param first the tick of the arrays that tick 0 is here */
  addTo({ usage, demand, throttled, replicas }: WorkloadArrays, first: number): void {
    const length = replicas.length;
    for (const figures of this.#hosts.values()) {
      const told = new Map<string, Float64Array>();
      for (const [key, ranks] of figures) told.set(key, this.#ofLeastRank(ranks));
      const metrics = new Set([...told.keys()].map((key) => key.split(" ")[1]));
      const held = told.get("usage throttled");
      metrics.delete("throttled");
      const alive = new Uint8Array(this.#ticks);
      for (const metric of metrics as Set<Metric>) {
        const [got, asked] = [told.get(`usage ${metric}`), told.get(`demand ${metric}`)];
        const lives = metric === "cpu" || metric === "memory";
        for (let tick = 0; tick < this.#ticks; tick++) {
          const has = possible(metric, got?.[tick]);
          const wants = Math.max(possible(metric, asked?.[tick]) ?? 0, has ?? 0);
          if (has !== undefined) add(usage, metric, first + tick, has, length);
          if (has === undefined && possible(metric, asked?.[tick]) === undefined) continue;
          add(demand, metric, first + tick, wants, length);
          if (lives) alive[tick] = 1;
        }
      }
      for (let tick = 0; tick < this.#ticks; tick++) {
        if (alive[tick] === 1) replicas[first + tick] = (replicas[first + tick] || 0) + 1;
        if (held !== undefined && held[tick] > THROTTLED && told.has("usage cpu")) throttled[first + tick] = 1;
      }
    }
  }

  #ofLeastRank(ranks: ReadonlyMap<number, { readonly needs: number; readonly parts: Parts }>): Float64Array {
    const values = this.#empty();
    for (const [, { needs, parts }] of [...ranks].sort(([a], [b]) => a - b)) {
      if (parts.size < needs) continue;
      const all = [...parts.values()];
      for (let tick = 0; tick < values.length; tick++)
        if (Number.isNaN(values[tick])) values[tick] = all.reduce((sum, part) => sum + part[tick], 0);
    }
    return values;
  }
}

/** A difference of two gauges may be a little below nothing. */
function possible(metric: Metric, value: number | undefined): number | undefined {
  if (value === undefined || Number.isNaN(value)) return undefined;
  const amount = Math.max(0, value);
  return isPossible(metric, amount) ? amount : undefined;
}

function add(into: Map<Metric, Float64Array>, metric: Metric, tick: number, value: number, length: number): void {
  const values = entry(into, metric, () => new Float64Array(length).fill(Number.NaN));
  values[tick] = (Number.isNaN(values[tick]) ? 0 : values[tick]) + value;
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
