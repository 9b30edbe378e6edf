import { decodeInto, encode } from "./doubles.ts";
import type { Evidence } from "./forecast.port.ts";
import type { History } from "./history.ts";
import { Pending } from "./pending.ts";
import { pinball } from "./pinball.ts";
import { RollingCoverage } from "./rolling-coverage.ts";
import { RollingLosses } from "./rolling-losses.ts";
import { SkillBars } from "./skill-bars.ts";
import { evidenceOf, type HorizonRecord, horizonEvidence, refusalOf, type SeriesRecord } from "./skill-rule.ts";

/** Seasons after which a loss counts half. */
const HALF_LIFE = 3;
/** Seasons before which nothing is scored: the models are not yet what they will be. */
const SCORED_FROM = 1.5;
/**
 * Decides, once an "hour" (a 24th of a season), at which of the decisive horizons the forecasts of a series may drive actions (`skill-rule.ts`). Losses are
 * pinball losses over all levels.
 */
export class SkillGate {
  private readonly history: History;
  private readonly levels: readonly number[];
  private readonly horizons: readonly number[];
  private readonly hour: number;
  /** Quantiles that wait for their target, by level. */
  private readonly issued: readonly Pending[];
  private readonly bars: SkillBars;
  private readonly losses: RollingLosses;
  private readonly coverage: RollingCoverage;
  /** By horizon. */
  private readonly samples: Float64Array;
  private readonly trusted: Uint8Array;
  /** Ticks that had ended when `trusted` became what it is. */
  private readonly changedAt: Float64Array;

  /**
   * @param horizons the decisive ones, each less than a season
   * @param decisive the levels that have to cover what they claim
   */
  constructor(
    history: History,
    horizons: readonly number[],
    levels: readonly number[],
    decisive: readonly number[] = levels.filter((level) => level > 0.5),
  ) {
    const { season } = history;
    this.history = history;
    this.levels = levels;
    this.horizons = horizons;
    this.hour = Math.max(1, Math.round(season / 24));
    this.issued = levels.map(() => new Pending(horizons));
    this.bars = new SkillBars(history, levels);
    const keep = (ticks: number) => Math.exp((-Math.LN2 * ticks) / (HALF_LIFE * season));
    this.losses = new RollingLosses(horizons.length, keep(this.hour));
    this.coverage = new RollingCoverage(horizons, levels, decisive, keep(1), this.hour / 4);
    this.samples = new Float64Array(horizons.length);
    this.trusted = new Uint8Array(horizons.length);
    this.changedAt = new Float64Array(horizons.length);
  }

  /** Scores what was issued for `tick`. The history has already taken the value. */
  score(tick: number, value: number): void {
    if (!Number.isNaN(value) && tick >= SCORED_FROM * this.history.season)
      for (let k = 0; k < this.horizons.length; k++) this.scoreHorizon(k, tick, value);
    this.bars.update(tick, value);
    if ((tick + 1) % this.hour !== 0) return;
    this.losses.close();
    const series = this.record();
    for (let k = 0; k < this.horizons.length; k++) {
      const now = refusalOf(series, this.horizon(k)) === undefined ? 1 : 0;
      if (now !== this.trusted[k]) this.changedAt[k] = tick + 1;
      this.trusted[k] = now;
    }
  }

  private scoreHorizon(k: number, tick: number, value: number): void {
    const { levels, bars } = this;
    if (Number.isNaN(this.issued[0].due(k, tick))) return;
    let ours = 0;
    let seasonal = 0;
    let constant = 0;
    this.coverage.next(k);
    for (let l = 0; l < levels.length; l++) {
      const quantile = this.issued[l].due(k, tick);
      this.coverage.add(k, l, value <= quantile);
      ours += pinball(levels[l], value, quantile);
      seasonal += pinball(levels[l], value, bars.seasonal[l]);
      constant += pinball(levels[l], value, bars.constant[l]);
    }
    if (!bars.ready) return;
    this.samples[k]++;
    this.losses.add(k, ours, seasonal, constant);
  }

  /** Records what is issued at the end of `tick`, by level and horizon; the decisive horizons come first. */
  issue(tick: number, values: readonly Float64Array[]): void {
    for (let l = 0; l < this.levels.length; l++)
      for (let k = 0; k < this.horizons.length; k++) this.issued[l].put(k, tick, values[l][k]);
  }

  private record(): SeriesRecord {
    const { measured, season } = this.history;
    return { measured, missing: this.missingLately(), season, hour: this.hour };
  }

  private horizon(k: number): HorizonRecord {
    const { losses } = this;
    return {
      ahead: this.horizons[k],
      trusted: this.trusted[k] === 1,
      samples: this.samples[k],
      skill: [losses.skill(k, 0), losses.skill(k, 1)],
      significance: [losses.significance(k, 0), losses.significance(k, 1)],
      quantiles: this.coverage.judged(k),
    };
  }

  private missingLately(): number {
    const { history } = this;
    let missing = 0;
    for (let i = 1; i <= Math.min(this.hour, history.ticks); i++) if (history.isGap(history.ticks - i)) missing++;
    return missing;
  }

  /** @param endOf epoch seconds at which so many ticks had ended */
  evidence(endOf: (ticks: number) => number): Evidence {
    const series = this.record();
    const horizons = this.horizons.map((_, k) => horizonEvidence(series, this.horizon(k), endOf(this.changedAt[k])));
    return evidenceOf(series, horizons, this.coverage.shares());
  }

  snapshot(): unknown {
    return {
      issued: this.issued.map((pending) => pending.snapshot()),
      bars: this.bars.snapshot(),
      losses: this.losses.snapshot(),
      coverage: this.coverage.snapshot(),
      samples: encode(this.samples),
      trusted: [...this.trusted],
      changedAt: encode(this.changedAt),
    };
  }

  restore(state: unknown): void {
    const s = state as {
      issued: unknown[];
      bars: unknown;
      losses: unknown;
      coverage: unknown;
      samples: string;
      trusted: number[];
      changedAt: string;
    };
    this.issued.forEach((pending, l) => {
      pending.restore(s.issued[l]);
    });
    this.bars.restore(s.bars);
    this.losses.restore(s.losses);
    this.coverage.restore(s.coverage);
    decodeInto(this.samples, s.samples);
    this.trusted.set(s.trusted);
    decodeInto(this.changedAt, s.changedAt);
  }
}
