import type { SeriesName } from "../../model/dimension.ts";
import { ceiling } from "../orchestrator/finite.ts";
import type { RecordedWorkload } from "./recorded-workload.ts";

/** Replicas that a workload is thought to be split into where nothing says how it is scaled. */
const SPLIT = 10;
/** The greatest of what is seen, single ticks aside. */
const GREATEST = 0.999;

/** What replicas are judged by, and how many there were. */
export interface AssumedCapacity {
  readonly series: SeriesName;
  /** Of one replica, in the unit of the series. */
  readonly perReplica: number;
  /** Replicas by tick. */
  readonly today: Float64Array;
  /** What was recorded of it and what was assumed, a sentence each, for people. */
  readonly basis: readonly string[];
  /** Nothing says how many replicas there are, or how much one has: today's cost is a guess. */
  readonly guessed: boolean;
}

/**
 * What a replica has and how many there were, as far as it was recorded. A limit is taken before a request, and a request only where
 * replicas kept to it; without either a replica is what one was seen to carry, and without a number of replicas today's capacity is a
 * fixed number that the greatest demand of the whole past just fits into.
 *
 * @param utilisation how full a replica may get
 * @returns undefined where neither CPU nor requests were measured
 */
export function assumedCapacity(workload: RecordedWorkload, utilisation: number): AssumedCapacity | undefined {
  const { trace, told } = workload;
  const series = (["cpu", "requests"] as const).find((name) => trace.series.has(name));
  if (series === undefined) return undefined;
  const demand = trace.series.get(series)!;
  const counted = countedReplicas(workload.replicas);
  const shown = (value: number) => `${Number(value.toPrecision(3))} ${series === "cpu" ? "cores" : "requests/s"}`;
  const carried = counted === undefined ? undefined : quantile(ratios(demand, counted), GREATEST);
  const basis: string[] = [];
  let perReplica: number | undefined;
  if (series === "cpu")
    for (const source of ["limit", "machine", "request"] as const) {
      const value = told.find((one) => one.figure === "cpu" && one.of === source)?.value;
      if (value === undefined) continue;
      if (source === "request" && carried !== undefined && carried > value) {
        basis.push(
          `replicas request ${shown(value)} and were seen to use ${shown(carried)}: no limit holds them to it`,
        );
        continue;
      }
      perReplica = value;
      basis.push(
        `a replica has ${shown(value)}, its ${source === "machine" ? "machine's cores" : source}, as recorded`,
      );
      break;
    }
  const several = counted?.some((count) => count > 1);
  if (perReplica === undefined && several) {
    perReplica = Math.max(carried!, Number.MIN_VALUE) / utilisation;
    basis.push(
      `no limit is recorded: a replica is taken to have ${shown(perReplica)}, of which the fullest seen used ${Math.round(100 * utilisation)} %`,
    );
  }
  if (perReplica !== undefined && counted !== undefined) {
    basis.push("today's capacity is the number of replicas that was recorded, tick by tick");
    return { series, perReplica, today: counted, basis, guessed: false };
  }
  const greatest = Math.max(quantile(demand, GREATEST), Number.MIN_VALUE);
  if (perReplica === undefined) {
    perReplica = greatest / utilisation / SPLIT;
    basis.push(
      `neither a limit nor several replicas are recorded: it is taken to be split into ${SPLIT}, each of ${shown(perReplica)}`,
    );
  }
  const fixed = Math.max(1, ceiling(greatest / (perReplica * utilisation)));
  basis.push(
    `${counted === undefined ? "no number of replicas is recorded: " : ""}today's capacity is taken as ${fixed} of them, into which the greatest demand just fits`,
  );
  return { series, perReplica, today: new Float64Array(demand.length).fill(fixed), basis, guessed: true };
}

/** Replicas in every tick, those of before where nobody counted them; undefined where nobody ever did, or there always was one without a limit. */
function countedReplicas(replicas: Float64Array | undefined): Float64Array | undefined {
  const first = replicas?.find((count) => !Number.isNaN(count));
  if (replicas === undefined || first === undefined) return undefined;
  let last = first;
  return replicas.map((count) => {
    if (!Number.isNaN(count)) last = count;
    return last;
  });
}

function ratios(demand: Float64Array, replicas: Float64Array): Float64Array {
  return demand.map((value, tick) => value / Math.max(1, replicas[tick]));
}

/** Of what is a number; 0 where nothing is. */
export function quantile(values: Float64Array, level: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(level * sorted.length))];
}
