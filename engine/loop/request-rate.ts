import type { UsageVector } from "../../model/vector.ts";
import type { TargetStatus } from "../orchestrator/target-status.port.ts";
import type { UsageStore } from "../usage/usage-store.port.ts";

/** Where the store has requests from that no agent measured. */
const ORIGIN = "target";

/** Requests a second, from the count that a target keeps of those it answered. */
export class RequestRate {
  #last: { readonly total: number; readonly at: number } | undefined;
  /** Requests have been seen, from whatever source. */
  #known = false;

  get known(): boolean {
    return this.#known;
  }

  /**
   * Records the rate of the tick where the target counts requests and no agent does; counted once they are recorded, they are a series
   * like the others.
   *
   * @param at end of the tick
   */
  async record(
    usage: UsageStore,
    workload: string,
    { status, vectors, at }: { status: TargetStatus | undefined; vectors: readonly UsageVector[]; at: number },
    step: number,
  ): Promise<void> {
    if (vectors.some(({ usage, demand }) => usage.requests !== undefined || demand.requests !== undefined)) {
      this.#known = true;
      return;
    }
    const rate = this.#next(status);
    if (rate === undefined) return;
    this.#known = true;
    await usage.backfill(workload, "requests", { from: at - step, step, values: Float64Array.of(rate) }, ORIGIN);
  }

  /** A count that went back, as after a new start, says nothing of the time between. */
  #next(status: TargetStatus | undefined): number | undefined {
    const last = this.#last;
    this.#last = status?.requestsTotal === undefined ? undefined : { total: status.requestsTotal, at: status.at };
    if (last === undefined || this.#last === undefined) return undefined;
    const [count, seconds] = [this.#last.total - last.total, this.#last.at - last.at];
    return count >= 0 && seconds > 0 ? count / seconds : undefined;
  }
}
