import { NormalEquations } from "../normal-equations.ts";
import { ShiftDetector } from "./shift-detector.ts";

/** What one unit of load costs of a series, and what every replica has of it whatever the load. */
export interface CostEstimate {
  /** Per unit of load (cores per request a second, say), and per replica. */
  readonly perLoad: number;
  readonly perReplica: number;
  /** The least that the part per replica is with good confidence; zero where it cannot be told from the cost of load. */
  readonly perReplicaLow: number;
  /** Ticks that it rests on, older ones counting less. */
  readonly samples: number;
  /** Mean |demand − what it should have been| over mean demand. */
  readonly error: number;
  /** The part per replica can be told from the cost of load: the two have not moved together. */
  readonly identified: boolean;
  /** The last time that the cost changed at once, as a release does it: so many ticks ago, and by what factor. */
  readonly change?: { readonly ticksAgo: number; readonly factor: number };
}

/** Samples under which nothing is said. A change leaves as many of what was learnt, so that what comes soon outweighs it. */
const LEAST_SAMPLES = 30;
/** Residuals count as squares up to so many times their usual size, beyond it in proportion (Huber 1964). */
const HUBER = 1.5;
/** The squared sine of the angle between replicas and load above which their parts are told apart. */
const LEAST_ANGLE = 0.01;
/** Standard errors that confidence is taken as: four, since the errors of neighbouring ticks are alike. */
const CONFIDENCE = 4;
const GAIN = 0.02;
/** How fast the last difference is followed, and usual errors that one counts as at most. */
const LATELY = 0.5;
const LEAP = 20;

/**
 * Learns `demand = perReplica · replicas + perLoad · load` tick by tick: recursive least squares with exponential forgetting
 * (Ljung and Söderström, Theory and Practice of Recursive Identification, 1983) and Huber weights, both coefficients kept from being negative.
 * A cost that changes at once, as a release does it, is noticed by cumulative sums of the error (Page 1954); then most of what
 * was learnt is forgotten.
 */
export class CostModel {
  private readonly keep: number;
  private readonly equations = new NormalEquations(2);
  private readonly shifts: ShiftDetector;
  private readonly row = new Float64Array(2);
  private readonly coefficients = new Float64Array(2);
  private ticks = 0;
  /** Usual |error| and usual demand. */
  private scale = 0;
  private usual = 0;
  /** Usual |error| over usual demand; infinite until it is known. */
  get usualShare(): number {
    return this.equations.weight >= LEAST_SAMPLES && this.usual > 0
      ? this.scale / this.usual
      : Number.POSITIVE_INFINITY;
  }

  /** How demand lately differs from what it should be. */
  private lately = 0;
  private change: { tick: number; factor: number } | undefined;

  /** @param season ticks; what is a season old counts half */
  constructor(season: number) {
    this.keep = Math.exp(-Math.LN2 / season);
    this.shifts = new ShiftDetector(season);
  }

  /**
   * Takes one tick of the workload as a whole. What is not measured teaches nothing.
   *
   * @returns whether the cost was just found to have changed at once
   */
  update(demand: number, load: number, replicas: number): boolean {
    const tick = this.ticks++;
    if (!(demand >= 0 && load >= 0 && replicas >= 1 && demand + load + replicas < 1e100)) {
      this.shifts.skip(tick);
      return false;
    }
    const expected = this.at(load, replicas);
    const known = this.equations.weight >= LEAST_SAMPLES && expected > 0;
    const shift = known ? this.shifts.update(tick, demand, expected, this.scale) : undefined;
    if (!known) this.shifts.skip(tick);
    if (shift !== undefined) {
      this.change = { tick: shift.since, factor: shift.factor };
      this.rescale(shift.factor);
    }
    this.learn(demand, load, replicas);
    return shift !== undefined;
  }

  private learn(demand: number, load: number, replicas: number): void {
    const error = Math.abs(demand - this.at(load, replicas));
    const { weight } = this.equations;
    const robust = weight >= LEAST_SAMPLES && error > HUBER * this.scale ? (HUBER * this.scale) / error : 1;
    if (weight >= LEAST_SAMPLES) {
      const difference = demand - this.at(load, replicas);
      const most = LEAP * (this.scale + 1e-3 * this.usual);
      this.lately += LATELY * (Math.max(-most, Math.min(most, difference)) - this.lately);
    }
    this.row[0] = replicas;
    this.row[1] = load;
    this.equations.add(this.row, demand, robust > 0 ? robust : 1e-3, this.keep);
    const gain = Math.max(GAIN, 1 / (1 + weight));
    this.usual += gain * (demand - this.usual);
    this.solve();
    if (weight < 3) return;
    // One mad tick must not widen what counts as usual.
    const size = weight >= LEAST_SAMPLES ? Math.min(error, 4 * this.scale + 1e-3 * this.usual) : error;
    this.scale += gain * (size - this.scale);
  }

  /** The coefficients, neither negative: where one would be, the other explains all. */
  private solve(): void {
    const { equations, coefficients } = this;
    const { gram, moment } = equations.contents();
    const [rr, rl, ll] = gram;
    if (this.angle() > 1e-9 && equations.solve(coefficients, 0) && coefficients[0] >= 0 && coefficients[1] >= 0) return;
    const byReplicas = rr > 0 ? moment[0] / rr : 0;
    const byLoad = ll > 0 ? moment[1] / ll : 0;
    // Of the two that are left, the one that explains more.
    const explained = (m: number, c: number) => m * c;
    const load = rl > 0 || ll > 0 ? explained(moment[1], byLoad) >= explained(moment[0], byReplicas) : false;
    coefficients[0] = load ? 0 : byReplicas;
    coefficients[1] = load ? byLoad : 0;
  }

  /** Squared sine of the angle between what was seen of replicas and of load: zero where they moved together. */
  private angle(): number {
    const [rr, rl, ll] = this.equations.contents().gram;
    return rr > 0 && ll > 0 ? Math.max(0, 1 - (rl / rr) * (rl / ll)) : 0;
  }

  /** Takes what was learnt times a factor, as few samples. */
  private rescale(factor: number): void {
    this.equations.shrink(Math.min(1, LEAST_SAMPLES / this.equations.weight), factor);
    this.scale *= factor;
    this.lately = 0;
    this.solve();
  }

  /** Demand of so much load on so many replicas. */
  at(load: number, replicas: number): number {
    return this.coefficients[0] * replicas + this.coefficients[1] * load;
  }

  /** Mean of |error| lately. */
  get usualError(): number {
    return this.scale;
  }

  /** How demand lately differs from what load and replicas make it. */
  get difference(): number {
    return this.lately;
  }

  /** What is known of the cost, all of it finite; `undefined` until there are enough samples. */
  estimate(): CostEstimate | undefined {
    const { equations, coefficients, scale, usual } = this;
    if (equations.weight < LEAST_SAMPLES || !(usual > 0)) return undefined;
    const angle = this.angle();
    const identified = angle > LEAST_ANGLE;
    const [rr] = equations.contents().gram;
    // |error| of a normal distribution is 0.8 of its standard deviation.
    const deviation = Math.sqrt((1.25 * scale * 1.25 * scale) / (rr * Math.max(angle, 1e-12)));
    return {
      perLoad: coefficients[1],
      perReplica: coefficients[0],
      perReplicaLow: identified ? Math.max(0, coefficients[0] - CONFIDENCE * deviation) : 0,
      samples: Math.round(equations.weight),
      error: scale / usual,
      identified,
      ...(this.change === undefined
        ? {}
        : { change: { ticksAgo: this.ticks - 1 - this.change.tick, factor: this.change.factor } }),
    };
  }

  snapshot(): unknown {
    const { ticks, scale, usual, lately, change } = this;
    return {
      ticks,
      scale,
      usual,
      lately,
      change: change ?? null,
      coefficients: [...this.coefficients],
      equations: this.equations.snapshot(),
      shifts: this.shifts.snapshot(),
    };
  }

  restore(state: unknown): void {
    const s = state as {
      ticks: number;
      scale: number;
      usual: number;
      lately: number;
      change: { tick: number; factor: number } | null;
      coefficients: number[];
      equations: unknown;
      shifts: unknown;
    };
    this.ticks = s.ticks;
    this.scale = s.scale;
    this.usual = s.usual;
    this.lately = s.lately;
    this.change = s.change ?? undefined;
    this.coefficients.set(s.coefficients);
    this.equations.restore(s.equations);
    this.shifts.restore(s.shifts);
  }
}
