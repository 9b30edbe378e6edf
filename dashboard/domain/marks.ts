import type { EventView } from "../../engine/api/engine-control.port.ts";
import type { HoldSpan } from "../../engine/api/past-holds.ts";
import type { Alert } from "../../engine/feedback/alert.ts";
import type { Quarantine } from "../../engine/feedback/quarantine.ts";
import type { Changeset } from "../../model/changeset.ts";
import { effect, standing } from "./verdict.ts";

export const MARK_KINDS = ["action", "anomaly", "quarantine", "hold", "event"] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

/** Something that has, or had, or will have its time. Epoch seconds; without `to`, an instant. */
export interface Mark {
  readonly kind: MarkKind;
  readonly from: number;
  readonly to?: number;
  readonly text: string;
  /** The changeset that it is of. */
  readonly changeset?: string;
}

export const MARK_SHAPES: Readonly<Record<MarkKind, string>> = {
  action: "▶",
  anomaly: "▲",
  quarantine: "▒",
  hold: "■",
  event: "◇",
};

/** What happened to a workload and what is planned, the earliest first. @param now where open spans end */
export function marksOf(
  {
    workload,
    changesets,
    alerts,
    quarantines,
    holds,
    events,
  }: {
    readonly workload: string;
    readonly changesets: readonly Changeset[];
    readonly alerts: readonly Alert[];
    readonly quarantines: readonly Quarantine[];
    readonly holds: readonly HoldSpan[];
    readonly events: readonly EventView[];
  },
  now: number,
): Mark[] {
  const marks: Mark[] = [
    ...changesets
      .filter(({ state }) => state !== "unchanged" && state !== "superseded")
      .map(
        (one): Mark => ({
          kind: "action",
          from: one.createdAt,
          text: `${effect(one)}; it ${standing(one.state)}`,
          changeset: one.id,
        }),
      ),
    ...alerts
      .filter((alert) => alert.workload === workload)
      .map(
        ({ openedAt, resolvedAt, text }): Mark => ({ kind: "anomaly", from: openedAt, to: resolvedAt ?? now, text }),
      ),
    ...quarantines
      .filter(({ undone }) => undone === undefined)
      .map(
        ({ from, to, kind, reason, by }): Mark => ({
          kind: "quarantine",
          from,
          to: to ?? now,
          text: `${kind}: ${reason} (by ${by})`,
        }),
      ),
    ...holds.map((hold): Mark => ({ kind: "hold", from: hold.from, to: hold.to ?? now, text: holdText(hold) })),
    ...events.map(({ name, from, to }): Mark => ({ kind: "event", from, to, text: name })),
  ];
  return marks.sort((a, b) => a.from - b.from);
}

function holdText({ kind, workload, by, min, max, reason }: HoldSpan): string {
  const bounds = [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])];
  const what = kind === "freeze" ? "frozen" : `pinned to ${bounds.join(", ")}`;
  return `${workload === "*" ? "all workloads " : ""}${what} (by ${by})${reason ? `: ${reason}` : ""}`;
}
