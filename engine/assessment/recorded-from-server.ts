import { matchesName } from "../../model/bound-resources.ts";
import type { HistoryWindow, UsageHistory } from "../usage/history/usage-history.port.ts";
import { ofHistory, type RecordedWorkload } from "./recorded-workload.ts";

/** Workloads of one report; more would be a report that nobody reads. */
const MOST_WORKLOADS = 2000;

export interface Told {
  /** How many workloads there are to read, and how many there would be. */
  found(read: number, all: number): void;
  /** The share that is read. */
  read(share: number): void;
}

/**
 * The workloads that a server has recorded, as they are judged.
 *
 * @param pattern of their names, `*` for any text; all without it
 * @throws Error that says what the server said
 */
export async function* recordedFromServer(
  history: UsageHistory,
  window: HistoryWindow,
  pattern: string | undefined,
  told: Told,
): AsyncGenerator<RecordedWorkload> {
  const all = await history.find(window);
  const wanted = all.filter(({ name }) => pattern === undefined || matchesName([pattern], name));
  const read = wanted.slice(0, MOST_WORKLOADS);
  told.found(read.length, wanted.length);
  // Which series are whose is said by all that there are.
  const attributed = all.map((one) => ({ ...one, signals: [] }));
  const capacities = await history.capacities(attributed, window);
  const chosen = new Map(read.map((one) => [one.name, one]));
  for await (const one of history.read(attributed, window, (share) => told.read(share), new Set(chosen.keys()))) {
    const found = chosen.get(one.workload)!;
    const recorded = ofHistory(one, found, capacities.get(one.workload) ?? []);
    if (recorded !== undefined) yield recorded;
  }
}
