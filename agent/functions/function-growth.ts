import type { FunctionMeasures } from "../../model/vector.ts";
import type { FunctionShare } from "./function-shares.ts";

/** Functions of one process that are told. */
const MOST_TOLD = 10;
/** One with less of its process's CPU time is not told. */
const LEAST_SHARE = 0.01;
/** A profile of so much more CPU than the one that is compared with is of growth, and not the usual. */
const GROWN = 1.25;
/** Seconds after which what was usual is no longer. */
const USUAL_FOR = 3600;
/** Programs that are remembered of one workload. */
const MOST_PROGRAMS = 100;

interface Usual {
  readonly at: number;
  readonly cpu: number;
  /** Cores by function. */
  readonly functions: ReadonlyMap<string, number>;
}

/** What the functions of each program usually ask of a process's CPUs, to tell which of them grew. */
export class FunctionGrowth {
  readonly #usual = new Map<string, Usual>();

  /**
   * Functions by CPU, the greatest first, and what they used in the profile of the same program that this one is compared with: the newest of the last
   * hour that was not of growth.
   *
   * @param program what processes share that run the same
   * @param cpu cores that the process used in the profile's time
   * @param now seconds
   */
  tell(program: string, shares: readonly FunctionShare[], cpu: number, now: number): FunctionMeasures[] {
    const known = this.#usual.get(program);
    const usual = known !== undefined && now - known.at <= USUAL_FOR ? known : undefined;
    if (usual === undefined || cpu <= usual.cpu * GROWN) this.#remember(program, shares, cpu, now);
    return shares
      .filter(({ share }) => share >= LEAST_SHARE)
      .slice(0, MOST_TOLD)
      .map(({ name, file, share }) => ({
        name,
        ...(file === "" ? {} : { file }),
        cpu: share * cpu,
        ...(usual === undefined ? {} : { before: usual.functions.get(keyOf({ name, file })) ?? 0 }),
      }));
  }

  #remember(program: string, shares: readonly FunctionShare[], cpu: number, at: number): void {
    if (!this.#usual.has(program) && this.#usual.size >= MOST_PROGRAMS) return;
    this.#usual.set(program, { at, cpu, functions: new Map(shares.map((one) => [keyOf(one), one.share * cpu])) });
  }
}

function keyOf({ name, file }: Pick<FunctionShare, "name" | "file">): string {
  return `${name}\n${file}`;
}
