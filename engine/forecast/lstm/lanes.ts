import type { Bptt } from "./bptt.ts";
import { hourOf, REGRESSORS, writeInputs, writeRegressors } from "./inputs.ts";
import { horizonWeight, type NetworkShape, ROW } from "./network.ts";
import type { RecordedPast } from "./recorded-past.ts";

/** Stretches a lane stays on a series before it goes to another. */
const STAY = 10;

/** Fills stretch after stretch of training's lanes from series chosen at random, by length, whose ends are held out. */
export class Lanes {
  private readonly series: readonly RecordedPast[];
  private readonly shape: NetworkShape;
  private readonly bptt: Bptt;
  private readonly random: () => number;
  /** Per usable series: the first tick, and the tick after the last that may be a target. */
  private readonly ends: number[];
  /** Places at which a stretch may begin, summed up over the series. */
  private readonly places: number[] = [];
  private readonly chosen: Int32Array;
  private readonly ticks: Int32Array;
  private readonly left: Int32Array;

  constructor(series: readonly RecordedPast[], shape: NetworkShape, heldOut: number, bptt: Bptt, random: () => number) {
    const margin = heldOut + hourOf(shape.season);
    this.series = series.filter((one) => one.ticks - margin - one.first > bptt.ticks);
    if (this.series.length === 0)
      throw new RangeError(
        `expected a series of at least ${shape.season + 2 * hourOf(shape.season) + bptt.ticks} ticks before those held out, found none`,
      );
    this.ends = this.series.map((one) => one.ticks - margin);
    let sum = 0;
    this.series.forEach((one, i) => {
      sum += this.ends[i] - one.first - bptt.ticks;
      this.places.push(sum);
    });
    this.shape = shape;
    this.chosen = new Int32Array(bptt.lanes).fill(-1);
    this.ticks = new Int32Array(bptt.lanes);
    this.left = new Int32Array(bptt.lanes);
    this.bptt = bptt;
    this.random = random;
  }

  /** How many ticks a stretch may begin at. */
  get total(): number {
    return this.places[this.places.length - 1];
  }

  /** The next stretch of every lane. */
  fill(): void {
    for (let lane = 0; lane < this.bptt.lanes; lane++) {
      if (
        this.chosen[lane] < 0 ||
        this.left[lane] === 0 ||
        this.ticks[lane] + this.bptt.ticks > this.ends[this.chosen[lane]]
      )
        this.begin(lane);
      this.fillLane(lane);
      this.ticks[lane] += this.bptt.ticks;
      this.left[lane]--;
    }
  }

  private begin(lane: number): void {
    const place = Math.floor(this.random() * this.total);
    let i = 0;
    while (this.places[i] <= place) i++;
    // The first stay is shorter or longer, so that lanes do not change series all at once.
    this.left[lane] = this.chosen[lane] < 0 ? 1 + Math.floor(this.random() * STAY) : STAY;
    this.chosen[lane] = i;
    this.ticks[lane] = this.series[i].first + place - (i > 0 ? this.places[i - 1] : 0);
    this.bptt.reset(lane);
  }

  private fillLane(lane: number): void {
    const { bptt, shape } = this;
    const { horizons, season } = shape;
    const past = this.series[this.chosen[lane]];
    const end = this.ends[this.chosen[lane]];
    for (let t = 0; t < bptt.ticks; t++) {
      const tick = this.ticks[lane] + t;
      const row = t * bptt.lanes + lane;
      writeInputs(past, season, tick, bptt.rows, row * ROW);
      for (let k = 0; k < horizons.length; k++) {
        const ahead = horizons[k];
        writeRegressors(past, season, tick, ahead, bptt.regressors, row * bptt.columns + k * REGRESSORS);
        const at = row * horizons.length + k;
        bptt.targets[at] = tick + ahead < end ? past.target(tick, ahead) : Number.NaN;
        bptt.weights[at] = past.weight(tick) * horizonWeight(season, ahead);
      }
    }
  }
}
