import { setImmediate as turn } from "node:timers/promises";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import type { ApiEngine } from "./api-engine.port.ts";

/** Entries that are read at once, and in all: about two weeks of ticks a minute. */
const PIECE = 1000;
const MOST_READ = 20_000;

/** A freeze or a pin from when it began to when it ended; epoch seconds. */
export interface HoldSpan {
  readonly kind: "freeze" | "pin";
  /** `*` for all. */
  readonly workload: string;
  readonly from: number;
  /** Without it, it still holds. */
  readonly to?: number;
  readonly by: string;
  readonly min?: number;
  readonly max?: number;
  readonly reason?: string;
}

/**
 * The holds of a workload and of all workloads that the last 20,000 entries of the ledger tell of, the earliest first. One that began before is
 * not among them.
 *
 * @param now epoch seconds
 */
export async function pastHolds(
  engine: Pick<ApiEngine, "ledger" | "summary">,
  workload: string,
  now: number,
): Promise<HoldSpan[]> {
  const { sequence } = (await engine.summary()).ledger;
  const entries: LedgerEntry[] = [];
  for (let first = Math.max(1, sequence - MOST_READ + 1); first <= sequence; first += PIECE) {
    const piece = await engine.ledger(first, Math.min(PIECE, sequence - first + 1));
    entries.push(...piece.filter((entry) => isHold(entry) && (entry.workload === workload || entry.workload === "*")));
    await turn();
  }
  return spansOf(entries, now);
}

function isHold({ kind }: LedgerEntry): boolean {
  return kind === "freeze" || kind === "pin" || kind === "unfreeze";
}

/** Spans of what began and ended in order. A hold replaces the one of its kind on the same workload; a pin ends by itself. */
function spansOf(entries: readonly LedgerEntry[], now: number): HoldSpan[] {
  const spans: HoldSpan[] = [];
  const open = new Map<string, HoldSpan & { readonly until?: number }>();
  const close = (key: string, at: number) => {
    const hold = open.get(key);
    open.delete(key);
    if (hold === undefined) return;
    const { until, ...span } = hold;
    const to = Math.min(at, until ?? at);
    spans.push(at >= now && (until === undefined || until > now) ? span : { ...span, to });
  };
  for (const { kind, workload = "*", at, body } of entries) {
    const ends = kind === "unfreeze" ? (["freeze", "pin"] as const) : ([kind] as ("freeze" | "pin")[]);
    for (const one of ends) close(`${one}\n${workload}`, at ?? now);
    if (kind === "unfreeze") continue;
    const { by, min, max, until, reason } = body as Partial<HoldSpan & { until: number }>;
    const details = { ...(min !== undefined && { min }), ...(max !== undefined && { max }), ...(reason && { reason }) };
    const span = { kind: kind as "freeze" | "pin", workload, from: at ?? now, by: by ?? "", ...details };
    open.set(`${kind}\n${workload}`, { ...span, ...(until !== undefined && { until }) });
  }
  for (const key of [...open.keys()]) close(key, now);
  return spans.sort((a, b) => a.from - b.from);
}
