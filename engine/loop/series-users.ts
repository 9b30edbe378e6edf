import { SERIES, type SeriesName, seriesValue } from "../../model/dimension.ts";
import type { Measures, ProcessMeasures, UsageVector } from "../../model/vector.ts";

/** As many of the greatest programs, and threads of each, are told. */
const SHOWN = 5;

/** What members of one name use of a series together. */
export interface Group<One> {
  readonly name: string;
  readonly value: number;
  /** Of all. */
  readonly share: number;
  readonly members: readonly One[];
}

/** Who uses a series: by a name of theirs, the greatest first. What uses none of it is left out. */
export function groupsOf<One extends Measures>(
  series: SeriesName,
  all: readonly One[],
  nameOf: (one: One) => string,
): Group<One>[] {
  const groups = new Map<string, { value: number; members: One[] }>();
  let sum = 0;
  for (const one of all) {
    const value = seriesValue(series, one.usage);
    if (!(value > 0) || !Number.isFinite(value)) continue;
    sum += value;
    const group = groups.get(nameOf(one)) ?? { value: 0, members: [] };
    group.value += value;
    group.members.push(one);
    groups.set(nameOf(one), group);
  }
  const found = [...groups].map(([name, { value, members }]) => ({ name, value, share: value / sum, members }));
  return found.sort((a, b) => b.value - a.value);
}

/** Processes of one program. */
export function programsOf(series: SeriesName, vectors: readonly UsageVector[]): Group<ProcessMeasures>[] {
  const processes = vectors.flatMap((vector) => vector.processes);
  return groupsOf(series, processes, ({ executable }) => executable);
}

/** Threads of one kind: those with a number each, `worker-1`, do the same work. */
export function threadsOf(series: SeriesName, processes: readonly ProcessMeasures[]) {
  const threads = processes.flatMap((process) => process.threads);
  return groupsOf(series, threads, ({ name }) => name.replace(/[-_:#/ ]?\d+$/, ""));
}

export interface UserView {
  readonly name: string;
  readonly value: number;
  readonly share: number;
}

export interface ProgramView extends UserView {
  readonly processes: number;
  readonly threads: readonly UserView[];
}

/** The programs that use most of each series now, with the threads that use most of that. */
export function seriesUsers(vectors: readonly UsageVector[]): Partial<Record<SeriesName, ProgramView[]>> {
  const found = SERIES.map((series) => {
    const programs = programsOf(series, vectors).slice(0, SHOWN);
    const views = programs.map(({ members, ...program }) => ({
      ...program,
      processes: members.length,
      threads: threadsOf(series, members)
        .slice(0, SHOWN)
        .map(({ name, value, share }) => ({ name, value, share })),
    }));
    return [series, views] as const;
  });
  return Object.fromEntries(found.filter(([, views]) => views.length > 0));
}
