import type { Evidence } from "./forecast.port.ts";
import type { History } from "./history.ts";
import { Pending } from "./pending.ts";
import { pinball } from "./pinball.ts";
import { RollingCoverage } from "./rolling-coverage.ts";
import { RollingLosses } from "./rolling-losses.ts";
import { SkillBars } from "./skill-bars.ts";

/** Seasons after which a loss counts half. */
const HALF_LIFE = 3;
/** Seasons of history under which nothing is trusted, and of scored forecasts. */
export const LEAST_HISTORY = 2;
const LEAST_SCORED = 0.5;
/** Seasons before which nothing is scored: the models are not yet what they will be. */
const SCORED_FROM = 1.5;
/** Least advantage over a constant, and t-values, to be trusted and to stay so: two thresholds, so that trust does not flicker. */
const ENTER = { margin: 0.03, t: 2 };
const STAY = { margin: 0.01, t: 0.5 };

/**
 * Decides, once an "hour" (a 24th of a season), whether the forecasts of a series may drive actions. At every decisive
 * horizon they must beat two bars on mean pinball loss over the levels, significantly: seasonal naive, and a constant. White
 * noise clears the first, since a mean is better than yesterday's value, and never the second. And each upper quantile must cover what it claims.
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
  private samples = 0;
  private trusted = false;
  /** Ticks that had ended when `trusted` became what it is. */
  private changedAt = 0;

  /** @param horizons the decisive ones, each less than a season */
  constructor(history: History, horizons: readonly number[], levels: readonly number[]) {
    const { season } = history;
    this.history = history;
    this.levels = levels;
    this.horizons = horizons;
    this.hour = Math.max(1, Math.round(season / 24));
    this.issued = levels.map(() => new Pending(horizons));
    this.bars = new SkillBars(history, levels);
    const keep = (ticks: number) => Math.exp((-Math.LN2 * ticks) / (HALF_LIFE * season));
    this.losses = new RollingLosses(horizons.length, keep(this.hour));
    this.coverage = new RollingCoverage(horizons, levels, keep(1), this.hour / 4);
  }

  /** Scores what was issued for `tick`. The history has already taken the value. */
  score(tick: number, value: number): void {
    if (!Number.isNaN(value) && tick >= SCORED_FROM * this.history.season)
      for (let k = 0; k < this.horizons.length; k++) this.scoreHorizon(k, tick, value);
    this.bars.update(tick, value);
    if ((tick + 1) % this.hour !== 0) return;
    this.losses.close();
    const before = this.trusted;
    this.trusted = this.refusal() === undefined;
    if (this.trusted !== before) this.changedAt = tick + 1;
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
    if (k === 0) this.samples++;
    this.losses.add(k, ours, seasonal, constant);
  }

  /** Records what is issued at the end of `tick`, by level and horizon; the decisive horizons come first. */
  issue(tick: number, values: readonly Float64Array[]): void {
    for (let l = 0; l < this.levels.length; l++)
      for (let k = 0; k < this.horizons.length; k++) this.issued[l].put(k, tick, values[l][k]);
  }

  /** Why the forecasts may not drive actions; `undefined` where they may. */
  private refusal(): string | undefined {
    const { history, losses } = this;
    const days = history.measured / history.season;
    if (days < LEAST_HISTORY)
      return `cold start: ${days.toFixed(1)} days of history, at least ${LEAST_HISTORY} are needed`;
    const missing = this.missingLately();
    if (missing > this.hour / 2) return `measurements are missing: ${missing} of the last ${this.hour} ticks`;
    const least = Math.ceil(LEAST_SCORED * history.season);
    if (this.samples < least) return `too few forecasts scored: ${this.samples}, at least ${least} are needed`;
    const bound = this.trusted ? STAY : ENTER;
    const skill = losses.skill(0);
    if (!(skill > 0 && losses.significance(0) > bound.t))
      return `no skill over seasonal naive: ${percent(skill)} at the worst decisive horizon`;
    const overConstant = losses.skill(1);
    if (!(overConstant > bound.margin && losses.significance(1) > bound.t))
      return `no skill over a constant: ${percent(overConstant)} at the worst decisive horizon`;
    const under = this.coverage.undercovered();
    if (under) return `the ${under.level} quantile covers ${percent(under.share)} at ${under.horizon} ticks ahead`;
    return undefined;
  }

  private missingLately(): number {
    const { history } = this;
    let missing = 0;
    for (let i = 1; i <= Math.min(this.hour, history.ticks); i++) if (history.isGap(history.ticks - i)) missing++;
    return missing;
  }

  /** @param endOf epoch seconds at which so many ticks had ended */
  evidence(endOf: (ticks: number) => number): Evidence {
    const skill = this.losses.skill(0);
    return {
      trusted: this.trusted,
      reason: this.trusted
        ? `${percent(skill)} less loss than seasonal naive`
        : (this.refusal() ?? "good enough as of now: trusted from the next check on"),
      samples: this.samples,
      skill,
      coverage: this.coverage.shares(),
      historyDays: this.history.measured / this.history.season,
      since: endOf(this.changedAt),
    };
  }

  snapshot(): unknown {
    return {
      issued: this.issued.map((pending) => pending.snapshot()),
      bars: this.bars.snapshot(),
      losses: this.losses.snapshot(),
      coverage: this.coverage.snapshot(),
      samples: this.samples,
      trusted: this.trusted,
      changedAt: this.changedAt,
    };
  }

  restore(state: unknown): void {
    const s = state as {
      issued: unknown[];
      bars: unknown;
      losses: unknown;
      coverage: unknown;
      samples: number;
      trusted: boolean;
      changedAt: number;
    };
    this.issued.forEach((pending, l) => {
      pending.restore(s.issued[l]);
    });
    this.bars.restore(s.bars);
    this.losses.restore(s.losses);
    this.coverage.restore(s.coverage);
    this.samples = s.samples;
    this.trusted = s.trusted;
    this.changedAt = s.changedAt;
  }
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "unknown";
}
