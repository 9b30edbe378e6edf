import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { DIMENSION_OF, type SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import { ceiling, finite } from "./finite.ts";
import type { Serving } from "./need.ts";
import { LEAST_STORAGE_GROWTH, REVIEWED_COOLDOWN, SIZE_HEADROOM, SIZE_RELEASE } from "./policy.ts";
import { inWindow, shareReleasable } from "./windows.ts";

/** What one size follows from: CPU or memory per replica, size or throughput of storage, bandwidth. */
export interface SizeSituation {
  readonly now: number;
  /** Seconds a tick. */
  readonly step: number;
  readonly serving: Serving;
  /** Bounds of what it is set to: it is not released below `least`, nor grown above `most`. */
  readonly least?: number;
  readonly most?: number;
  /** Sizes that are needed: now, when a change asked for now has come and over the hold, and at most for as far as is known. */
  readonly present?: number;
  readonly ahead?: number;
  readonly release?: number;
  readonly censored: boolean;
  /** A vertical change is on its way. */
  readonly underWay: boolean;
  readonly frozen: boolean;
  readonly faulty: boolean;
  readonly constraints: Constraints;
  /** Last change of a size, up or down. */
  readonly lastChange?: number;
}

export interface SizeDecision {
  readonly size: number;
  readonly reasons: readonly Reason[];
}

const KIBI = 1024;

/**
 * The size that a series should have. It is what it was unless a reason says otherwise, and changes seldom: it grows to more than is
 * needed, and shrinks only on good telemetry, after the cool-down, to what is clearly less for as far as is known.
 */
export function decideSize(s: SizeSituation): SizeDecision {
  const { serving, constraints } = s;
  const { series, capacity: size } = serving;
  const { change } = constraints;
  const dimension = DIMENSION_OF[series];
  const reasons: Reason[] = [];
  const answer = (to: number, kind: Reason["kind"], text: string): SizeDecision => {
    reasons.push({ kind, series, dimension, from: size, to, text });
    return { size: Number.isFinite(to) && to > 0 ? to : size, reasons };
  };
  if (s.frozen || (change.vertical === "none" && series !== "storage")) return { size, reasons };

  const open = inWindow(change.windows, s.now);
  const present = s.present ?? 0;
  const want = Math.max(present, open ? (s.ahead ?? 0) : 0);
  if (s.censored && !s.underWay) {
    const growth = 1 + finite(change.step.out, 1, 0.1, 1);
    if (size * growth > want) {
      const text = `${series} is at its limit: how much more is wanted cannot be seen, so the step decides`;
      return answer(Math.max(size, atMost(s, rounded(series, size * growth))), "demand", text);
    }
  }
  if (want > size) {
    const threshold = finite(change.threshold[dimension], 0.1, 0, 1);
    if (series !== "storage" && present < want && want - size <= threshold * size)
      return answer(size, "threshold", "within the threshold");
    const headroom = series === "storage" ? 0 : SIZE_HEADROOM;
    const least = series === "storage" ? size * (1 + LEAST_STORAGE_GROWTH) : 0;
    const to = atMost(s, rounded(series, Math.max(want * (1 + headroom), least)));
    const text = `${series} needs ${formatShort(want)}`;
    if (to <= size) return answer(size, "bounds", `${text}; no more than ${formatShort(s.most ?? size)} is allowed`);
    return answer(to, present >= want ? "demand" : "forecast", text);
  }
  if (series === "storage" || s.censored || s.faulty || s.underWay || s.present === undefined || !open)
    return { size, reasons };
  if (s.release === undefined) return { size, reasons };
  const need = Math.max(want, s.release);
  const least = Math.max(rounded(series, need * (1 + SIZE_HEADROOM)), s.least ?? 0);
  // Back to the size that a person chose needs no great difference: the headroom is enough to stay there.
  const clearly = least === s.least ? least < size : size - least >= SIZE_RELEASE * size;
  if (least <= 0 || !clearly) return { size, reasons };
  const since = s.lastChange === undefined ? undefined : s.now - s.lastChange;
  const stated = finite(change.cooldown.vertical, 3600, 0, 30 * 86_400);
  const cooldown = change.vertical === "review" ? Math.max(stated, REVIEWED_COOLDOWN) : stated;
  if (since !== undefined && since < cooldown)
    return answer(size, "cooldown", `the last change of a size is too recent to shrink ${series}`);
  const share = change.vertical === "review" ? 1 : shareReleasable(constraints, since, s.step);
  const to = Math.max(least, rounded(series, size * (1 - share)));
  return to < size ? answer(to, "release", `${series} needs no more than ${formatShort(need)}`) : { size, reasons };
}

function atMost({ most }: SizeSituation, size: number): number {
  return most === undefined ? size : Math.min(size, most);
}

/**
 * A size that people can read and providers accept, never below the given: CPU in twentieths of a core, memory in steps of
 * 16 MiB (64 MiB from 1 GiB on), volumes in MiB (GiB from 1 GiB on), rates in two significant decimal digits of bits.
 */
export function rounded(series: SeriesName, size: number): number {
  switch (series) {
    case "cpu":
      return ceiling(size * 20) / 20;
    case "memory":
      return upTo(size, size >= KIBI * KIBI * KIBI ? 64 * KIBI * KIBI : 16 * KIBI * KIBI);
    case "storage":
      return upTo(size, size >= KIBI * KIBI * KIBI ? KIBI * KIBI * KIBI : KIBI * KIBI);
    case "disk":
      return upTo(size, size >= KIBI * KIBI ? KIBI * KIBI : KIBI);
    case "network":
      return upTo(size, size >= 125_000 ? 125_000 : 125);
    case "requests":
      return size;
  }
}

function upTo(size: number, unit: number): number {
  return ceiling(size / unit) * unit;
}

/** The capacity with one figure replaced. */
export function withSize(capacity: Capacity, series: SeriesName, size: number): Capacity {
  switch (series) {
    case "cpu":
      return { ...capacity, perReplica: { ...capacity.perReplica, cpu: size } };
    case "memory":
      return { ...capacity, perReplica: { ...capacity.perReplica, memory: size } };
    case "requests":
      return { ...capacity, perReplica: { ...capacity.perReplica, requests: size } };
    case "disk":
      return { ...capacity, storage: { ...capacity.storage, throughput: size } };
    case "storage":
      return { ...capacity, storage: { ...capacity.storage, size } };
    case "network":
      return { ...capacity, network: { bandwidth: size } };
  }
}
