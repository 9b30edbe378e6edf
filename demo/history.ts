import type { UsageStore } from "../engine/usage/usage-store.port.ts";
import type { SeriesName } from "../model/dimension.ts";
import { STEP, WORKLOAD } from "./settings.ts";

/** What one request costs the pool, and what the pool uses without any, by series. Measured on this host. */
export interface RequestCost {
  readonly perRequest: Partial<Record<SeriesName, number>>;
  readonly idle: Partial<Record<SeriesName, number>>;
}

/**
 * Loads earlier days as history: the pattern's requests times the measured cost of one request. Not measured, and labelled so in the
 * store. The volume has no such past: what it holds is what is there.
 *
 * @param rates requests per second, one value a tick, oldest first
 * @param until epoch seconds at which the history ends
 */
export async function loadHistory(
  store: UsageStore,
  rates: readonly number[],
  cost: RequestCost,
  until: number,
  random: () => number,
): Promise<void> {
  const from = until - rates.length * STEP;
  for (const series of Object.keys(cost.perRequest) as SeriesName[]) {
    const values = Float64Array.from(rates, (rate) => {
      const noise = 1 + 0.04 * (random() + random() - 1);
      return (cost.idle[series] ?? 0) + rate * (cost.perRequest[series] ?? 0) * noise;
    });
    await store.backfill(
      WORKLOAD,
      series,
      { from, step: STEP, values },
      "demo: generated pattern x measured cost of a request",
    );
  }
}
