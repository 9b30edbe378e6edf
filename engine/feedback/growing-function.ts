import type { FunctionMeasures } from "../../model/vector.ts";

/** A function that stands for so much of what processes used, or grew by, that it is worth its name. */
export interface GrowingFunction {
  readonly name: string;
  readonly file?: string;
  /** Of the CPU time in the processes' profiles, or of what that grew by. */
  readonly share: number;
  /** Whether `share` is of growth since earlier profiles, and not of all. */
  readonly grown: boolean;
}

/** A function with less is not named. */
const LEAST_SHARE = 0.2;
/** Growth of less than this part of what is used now is noise between two profiles. */
const LEAST_GROWTH = 0.1;

/**
 * The function that growth comes from: of what the functions of all profiled processes grew by, the one with the greatest part; where there is no earlier profile
 * or they did not grow, the one that uses most. Undefined where no function has a fifth, and where nothing was profiled.
 *
 * @param processes functions of each process that was profiled
 */
export function growingFunction(processes: readonly (readonly FunctionMeasures[])[]): GrowingFunction | undefined {
  const sums = new Map<string, { name: string; file?: string; cpu: number; grown: number }>();
  let compared = processes.length > 0;
  for (const { name, file, cpu, before } of processes.flat()) {
    if (before === undefined) compared = false;
    const key = `${name}\n${file ?? ""}`;
    const sum = sums.get(key) ?? { name, ...(file === undefined ? {} : { file }), cpu: 0, grown: 0 };
    sum.cpu += cpu;
    sum.grown += cpu - (before ?? 0);
    sums.set(key, sum);
  }
  const all = [...sums.values()];
  const used = all.reduce((sum, { cpu }) => sum + cpu, 0);
  const grew = all.reduce((sum, { grown }) => sum + Math.max(0, grown), 0);
  const byGrowth = compared && grew >= LEAST_GROWTH * used;
  const part = (one: { cpu: number; grown: number }) => (byGrowth ? one.grown / grew : one.cpu / used);
  const [first] = all.sort((a, b) => part(b) - part(a));
  if (first === undefined || !(part(first) >= LEAST_SHARE)) return undefined;
  const { name, file } = first;
  return { name, ...(file === undefined ? {} : { file }), share: part(first), grown: byGrowth };
}

/** In words, `hot (app.js)`. */
export function describeFunction({ name, file }: Pick<GrowingFunction, "name" | "file">): string {
  return file === undefined ? name : `${name} (${file})`;
}
