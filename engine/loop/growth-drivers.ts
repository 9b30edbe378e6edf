import { baseReplicas, type Capacity } from "../../model/capacity.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import type { ProcessMeasures, UsageVector } from "../../model/vector.ts";
import { describeFunction, growingFunction } from "../feedback/growing-function.ts";
import { programsOf, threadsOf } from "./series-users.ts";

/** A program whose processes use less of a series than this share did not drive it alone. */
const MOST = 0.5;

/**
 * Who asks for most of what grows: for each series that the reasons name, the program whose processes use more than half of it, and the threads
 * that use more than half of that, where they have names of their own; of CPU the function that it grew by, where processes are profiled. Nothing where a change does not grow.
 */
export function growthDrivers(
  before: Capacity,
  after: Capacity,
  reasons: readonly Reason[],
  vectors: readonly UsageVector[],
): Reason[] {
  if (!grows(before, after)) return [];
  const named = reasons.filter(({ kind }) => kind === "demand" || kind === "forecast").map(({ series }) => series);
  return [...new Set(named)].flatMap((series) => {
    const text = series && driverOf(series, vectors);
    return text === undefined ? [] : [{ kind: "driver", series, text } as const];
  });
}

function driverOf(series: SeriesName, vectors: readonly UsageVector[]): string | undefined {
  const [program] = programsOf(series, vectors);
  if (program === undefined || program.share <= MOST) return undefined;
  const { name, share, members } = program;
  const count = members.length === 1 ? `pid ${members[0].identity.pid}` : `${members.length} processes`;
  const own = (thread: string) => thread !== "" && !name.endsWith(`/${thread}`);
  const [threads] = threadsOf(series, members);
  const most =
    threads !== undefined && threads.share > MOST && own(threads.name)
      ? `, most of that in its threads ${threads.name}`
      : "";
  const inside = series === "cpu" ? functionOf(members) : "";
  return `${series}: ${Math.round(share * 100)} % is used by ${name} (${count})${most}${inside}`;
}

function functionOf(members: readonly ProcessMeasures[]): string {
  const one = growingFunction(members.flatMap(({ functions }) => (functions === undefined ? [] : [functions])));
  if (one === undefined) return "";
  const of = one.grown ? "what it grew by" : "its CPU time";
  return `; in profiles ${Math.round(one.share * 100)} % of ${of} is in the function ${describeFunction(one)}`;
}

function grows(before: Capacity, after: Capacity): boolean {
  const figures = ({ perReplica, storage, network, plan, ...rest }: Capacity) => [
    baseReplicas({ perReplica, storage, network, plan, ...rest }),
    Math.max(0, ...plan.map(({ floor }) => floor)),
    perReplica.cpu ?? 0,
    perReplica.memory ?? 0,
    storage.size ?? 0,
    storage.iops ?? 0,
    storage.throughput ?? 0,
    network.bandwidth ?? 0,
  ];
  const was = figures(before);
  return figures(after).some((figure, i) => figure > was[i]);
}
