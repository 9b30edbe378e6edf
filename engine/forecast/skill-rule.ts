import type { Evidence, HorizonEvidence } from "./forecast.port.ts";
import { undercovers } from "./under-coverage.ts";

/** Seasons of history under which nothing is trusted, and of scored forecasts. */
export const LEAST_HISTORY = 2;
const LEAST_SCORED = 0.5;
/** Least advantage over a constant, and t-values, to be trusted and to stay so: two thresholds, so that trust does not flicker. */
const ENTER = { margin: 0.03, t: 2 };
const STAY = { margin: 0.01, t: 0.5 };

/** What is known of a series, whatever the horizon. */
export interface SeriesRecord {
  /** Ticks that were measured, and those of the last hour that were not. */
  readonly measured: number;
  readonly missing: number;
  /** Ticks. */
  readonly season: number;
  readonly hour: number;
}

/** How its forecasts of one horizon did. */
export interface HorizonRecord {
  /** Ticks ahead. */
  readonly ahead: number;
  /** Whether it is trusted now. */
  readonly trusted: boolean;
  readonly samples: number;
  /** 1 − loss / loss of seasonal naive, and of a constant; NaN before there is one. The t-values of the differences. */
  readonly skill: readonly [number, number];
  readonly significance: readonly [number, number];
  /** Observed share at or below each quantile that is judged, and the forecasts that count as independent. */
  readonly quantiles: readonly { readonly level: number; readonly share: number; readonly independent: number }[];
}

/**
 * Why forecasts of one horizon may not drive actions; `undefined` where they may. They must beat two bars on mean pinball loss,
 * significantly: seasonal naive, and a constant. White noise clears the first, since a mean is better than yesterday's value, and never the
 * second. And each upper quantile that decisions read must cover what it claims.
 */
export function refusalOf(series: SeriesRecord, horizon: HorizonRecord): string | undefined {
  const { measured, missing, season, hour } = series;
  const { ahead, samples, skill, significance, quantiles } = horizon;
  const days = measured / season;
  if (days < LEAST_HISTORY)
    return `cold start: ${days.toFixed(1)} days of history, at least ${LEAST_HISTORY} are needed`;
  if (missing > hour / 2) return `measurements are missing: ${missing} of the last ${hour} ticks`;
  const least = Math.ceil(LEAST_SCORED * season);
  if (samples < least) return `too few forecasts scored: ${samples}, at least ${least} are needed`;
  const bound = horizon.trusted ? STAY : ENTER;
  if (!(skill[0] > 0 && significance[0] > bound.t))
    return `no skill over seasonal naive: ${percent(skill[0])} at ${ahead} ticks ahead`;
  if (!(skill[1] > bound.margin && significance[1] > bound.t))
    return `no skill over a constant: ${percent(skill[1])} at ${ahead} ticks ahead`;
  const under = quantiles.find(({ level, share, independent }) => undercovers(level, share, independent));
  return under && `the ${under.level} quantile covers ${percent(under.share)} at ${ahead} ticks ahead`;
}

/**
 * What is known of one horizon, as it is told.
 *
 * @param since epoch seconds from which on it is trusted, or not
 */
export function horizonEvidence(series: SeriesRecord, horizon: HorizonRecord, since: number): HorizonEvidence {
  const { ahead, trusted, samples, skill, quantiles } = horizon;
  return {
    ahead,
    trusted,
    reason: trusted
      ? `${percent(skill[0])} less loss than seasonal naive`
      : (refusalOf(series, horizon) ?? "good enough as of now: trusted from the next check on"),
    samples,
    skill: skill[0],
    coverage: Object.fromEntries(quantiles.map(({ level, share }) => [String(level), share])),
    since,
  };
}

/** The evidence of a series from that of its horizons. */
export function evidenceOf(
  { measured, season }: SeriesRecord,
  horizons: readonly HorizonEvidence[],
  coverage: Evidence["coverage"],
): Evidence {
  const refused = horizons.find(({ trusted }) => !trusted);
  const skills = horizons.map(({ skill }) => skill);
  const skill = skills.some(Number.isNaN) ? Number.NaN : Math.min(...skills);
  const some = horizons.filter(({ trusted }) => trusted).length;
  const told = some === 0 ? refused?.reason : `trusted at ${some} of ${horizons.length} horizons: ${refused?.reason}`;
  return {
    trusted: refused === undefined,
    reason: refused === undefined ? `${percent(skill)} less loss than seasonal naive` : told!,
    samples: horizons[0].samples,
    skill,
    coverage,
    historyDays: measured / season,
    // Trusted altogether since the last horizon is; not since the first is not.
    since:
      refused === undefined
        ? Math.max(...horizons.map(({ since }) => since))
        : Math.min(...horizons.flatMap(({ trusted, since }) => (trusted ? [] : [since]))),
    horizons,
  };
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "unknown";
}
