import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { DIMENSION_OF, type SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import { ceiling, finite } from "./finite.ts";
import type { Serving } from "./need.ts";
import { LEAST_STORAGE_GROWTH, RELEASE_THRESHOLDS, REVIEWED_COOLDOWN } from "./policy.ts";

/** What one size follows from: CPU or memory per replica, size or throughput of storage, bandwidth. */
export interface SizeSituation {
  readonly now: number;
  readonly serving: Serving;
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

/** The size that a series should have. It is what it was unless a reason says otherwise. */
export function decideSize(s: SizeSituation): SizeDecision {
  const { serving, constraints } = s;
  const { series, capacity: size } = serving;
  const dimension = DIMENSION_OF[series];
  const threshold = finite(constraints.change.threshold[dimension], 0.1, 0, 1);
  const reasons: Reason[] = [];
  const answer = (to: number, kind: Reason["kind"], text: string): SizeDecision => {
    reasons.push({ kind, series, dimension, from: size, to, text });
    return { size: Number.isFinite(to) && to > 0 ? to : size, reasons };
  };
  if (s.frozen) return { size, reasons };

  let want = Math.max(s.present ?? 0, s.ahead ?? 0);
  const drivenByPresent = (s.present ?? 0) >= want;
  if (s.censored && !s.underWay) {
    const growth = 1 + finite(constraints.change.step.out, 1, 0.1, 1);
    if (size * growth > want) {
      const to = rounded(series, size * growth);
      return answer(
        to,
        "demand",
        `${series} is at its limit: how much more is wanted cannot be seen, so the step decides`,
      );
    }
  }
  if (want > size) {
    if (series === "storage") want = Math.max(want, size * (1 + LEAST_STORAGE_GROWTH));
    else if (!drivenByPresent && want - size <= threshold * size)
      return answer(size, "threshold", "within the threshold");
    const kind = drivenByPresent ? "demand" : "forecast";
    return answer(rounded(series, want), kind, `${series} needs ${formatShort(want)}`);
  }
  // Smaller: only what can go back, on good telemetry, and seldom.
  if (series === "storage" || s.censored || s.faulty || s.underWay || s.present === undefined) return { size, reasons };
  if (s.release === undefined) return { size, reasons };
  const cooldown = constraints.change.vertical === "review" ? REVIEWED_COOLDOWN : constraints.change.cooldown.in;
  if (s.lastChange !== undefined && s.now - s.lastChange < finite(cooldown, 600, 0, 30 * 86_400))
    return { size, reasons };
  const least = rounded(series, Math.max(want, s.release));
  if (least <= 0 || size - least < RELEASE_THRESHOLDS * threshold * size) return { size, reasons };
  const step = finite(constraints.change.step.in, 0.1, 0, 1);
  const to = constraints.change.vertical === "review" ? least : Math.max(least, rounded(series, size * (1 - step)));
  return to < size ? answer(to, "release", `${series} needs no more than ${formatShort(least)}`) : { size, reasons };
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
