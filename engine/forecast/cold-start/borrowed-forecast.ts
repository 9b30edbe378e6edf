import { type Forecast, levelAtLeast, pointAt, quantileAt } from "../forecast.port.ts";

/** A workload that another is said to be like: its forecast without events, and its values of the last ticks, newest last. */
export interface Donor {
  readonly workload: string;
  readonly forecast: Forecast;
  readonly recent: readonly number[];
}

/** Share of the season that both must have been measured in: an "hour" and a half. */
const LEAST_SHARE = 1 / 16;
/** The ratio of the two may vary so much, from its tenth to its ninetieth percentile; beyond it they are not alike. */
const MOST_SPREAD = 3;
/** Ticks by which the donor's forecast may be older. */
const MOST_LATE = 2;

/**
 * The forecast of a workload that has too short a past, from one that it is said to be like: the donor's forecast times the ratio of
 * the two lately, the outer quantiles times the outer ratios. It may add capacity and never release it: nobody has seen yet that they are alike
 * at other times than these. Only a donor that is trusted itself lends; of several, the one whose ratio varied least.
 *
 * @param own the forecast as it is without
 * @param recent values of the last ticks, newest last
 * @param season ticks
 */
export function borrowedForecast(
  own: Forecast,
  recent: readonly number[],
  donors: readonly Donor[],
  season: number,
): Forecast | undefined {
  const fits = donors.flatMap((donor) => {
    const late = Math.round((own.issuedAt - donor.forecast.issuedAt) / own.step);
    if (!donor.forecast.evidence.trusted || late < 0 || late > MOST_LATE || donor.forecast.step !== own.step) return [];
    const ratios = ratiosOf(recent, donor.recent, late, season);
    if (ratios.length < Math.max(4, LEAST_SHARE * season)) return [];
    const at = (share: number) => ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))];
    const [low, middle, high] = [at(0.1), at(0.5), at(0.9)];
    return low > 0 && high <= MOST_SPREAD * low ? [{ donor, late, low, middle, high, ticks: ratios.length }] : [];
  });
  const best = fits.sort((a, b) => a.high / a.low - b.high / b.low)[0];
  if (best === undefined) return undefined;
  const { donor, late, low, middle, high, ticks } = best;
  const { forecast, workload } = donor;
  const name = `${workload} × ${Number(middle.toPrecision(3))}`;
  return {
    ...own,
    point: Float64Array.from(own.horizons, (ahead) => middle * pointAt(forecast, ahead + late)),
    values: own.levels.map((level) => {
      const ratio = level < 0.5 ? low : level > 0.5 ? high : middle;
      const theirs = levelAtLeast(forecast, level);
      return Float64Array.from(own.horizons, (ahead) => ratio * quantileAt(forecast, theirs, ahead + late));
    }),
    model: `like ${name}`,
    fallbackFrom: own.evidence.reason,
    evidence: {
      ...own.evidence,
      horizons: undefined,
      trusted: true,
      scaleOutOnly: true,
      reason: `borrowed from ${name} by ${ticks} common ticks; may add capacity, never release it`,
    },
  };
}

/** Own value over the donor's of the same tick, ascending, over the last season. */
function ratiosOf(own: readonly number[], donor: readonly number[], late: number, season: number): number[] {
  const ratios: number[] = [];
  for (let back = late; back < Math.min(season, own.length, donor.length + late); back++) {
    const ratio = own[own.length - 1 - back] / donor[donor.length - 1 - (back - late)];
    if (ratio >= 0 && ratio < 1e6) ratios.push(ratio);
  }
  return ratios.sort((a, b) => a - b);
}
