import { ForecastReader, type ForecastRequest } from "../fleet/read-forecast.ts";
import { fleetShape } from "../fleet/shape.ts";
import { FleetShard, type FleetTier } from "../fleet/shard.ts";
import { Tables } from "../fleet/tables.ts";
import type { ForecasterOptions } from "../forecast.port.ts";
import type { GlobalModelSource } from "../lstm/global-model.port.ts";
import { openShard, type SharedShard } from "./shared-shard.ts";

/**
 * Columns of the shards that are begun one after the other. The first are small, so that a single workload does not take the memory of
 * hundreds; none is a power of two, so that rows do not fall on the same lines of a cache.
 */
const SIZES = [12, 60, 250];
/** Columns that are stepped between two turns of the event loop: some milliseconds. So many fewer at first, while code that never ran is slow. */
const SLICE = 48;
const FIRST_SLICE = 8;

/** What of a series decisions act on. */
type JudgedBy = Pick<ForecasterOptions, "horizons" | "decisiveWithin" | "decisiveLevels">;

/** The place of one series. */
export interface Column {
  readonly shard: number;
  readonly column: number;
  /** The tick that comes next. */
  next: number;
  /** Values that wait to be stepped. */
  readonly queue: number[];
}

/** A column as it is kept. */
export interface KeptColumn {
  readonly shard: number;
  readonly column: number;
  readonly next: number;
}

/**
 * The fleet of an engine: shards, and which of their columns are whose. A value that was put is stepped when its forecast is asked for, or
 * before that together with all others: `advance` steps columns side by side, at a small part of what each costs alone.
 */
export class FleetPool {
  readonly #step: number;
  readonly #season: number;
  readonly #globalModel: GlobalModelSource | undefined;
  readonly #shards: FleetShard[] = [];
  readonly #states: SharedShard[] = [];
  /** By shard: columns that were used and given back. */
  readonly #free: number[][] = [];
  readonly #used: number[] = [];
  /** By shard and column: those of which a value waits. */
  readonly #waiting: (Column | undefined)[][] = [];
  /** By what is read. */
  readonly #readers = new Map<string, ForecastReader>();
  /** Columns of the next slice at most. */
  #slice = FIRST_SLICE;
  /** Of restored shards, by index: columns that somebody has gone on with. */
  #claimed: Set<number>[] = [];

  /** @param step seconds a tick @param season seconds @param globalModel where the tier `balanced` finds the global LSTM */
  constructor(step: number, season: number, globalModel?: GlobalModelSource) {
    this.#step = step;
    this.#season = season;
    this.#globalModel = globalModel;
  }

  /** @param next the first tick, from the epoch */
  open(next: number, tier: FleetTier, judgedBy: JudgedBy): Column {
    const open = this.#states.findIndex(
      (state, s) => state.tier === tier && (this.#free[s].length > 0 || this.#used[s] < state.columns),
    );
    const shard = open >= 0 ? open : this.#begin(tier);
    const column = this.#free[shard].pop() ?? this.#used[shard]++;
    this.#judge(shard, column, judgedBy);
    return { shard, column, next, queue: [] };
  }

  #judge(shard: number, column: number, { horizons, decisiveWithin = horizons[0], decisiveLevels }: JudgedBy): void {
    this.#shards[shard].judge(column, decisiveWithin, decisiveLevels);
  }

  #begin(tier: FleetTier): number {
    const columns = SIZES[Math.min(SIZES.length - 1, this.#states.length)];
    const tables = new Tables(columns);
    this.#shards.push(new FleetShard(fleetShape(this.#step, this.#season), tables, tier, this.#globalModel));
    this.#states.push({ columns, tier, step: this.#step, season: this.#season, tables: tables.all });
    this.#free.push([]);
    this.#used.push(0);
    this.#waiting.push(new Array(columns).fill(undefined));
    return this.#states.length - 1;
  }

  /** Gives a column back. */
  release({ shard, column }: Pick<KeptColumn, "shard" | "column">): void {
    this.#shards[shard].reset(column);
    this.#free[shard].push(column);
  }

  put(column: Column, value: number): void {
    column.queue.push(value);
    this.#waiting[column.shard][column.column] = column;
  }

  /** Steps what waits for one column. @returns its shard */
  flush(column: Column): FleetShard {
    const shard = this.#shards[column.shard];
    if (column.queue.length === 0) return shard;
    const values = new Float64Array(1);
    for (const value of column.queue) {
      values[0] = value;
      this.#stepRun(column.shard, column.next++, values, column.column, column.column + 1);
    }
    column.queue.length = 0;
    this.#waiting[column.shard][column.column] = undefined;
    return shard;
  }

  /** Weighs the models of a column anew from its next tick on. */
  reweigh(column: Column): void {
    this.flush(column).reweigh(column.column, column.next);
  }

  /** What reads forecasts at these levels and horizons: the same for all that ask for the same. */
  readerOf({ levels, horizons }: ForecastRequest): ForecastReader {
    const key = `${levels.join(" ")} at ${horizons.join(" ")}`;
    const reader =
      this.#readers.get(key) ?? new ForecastReader(fleetShape(this.#step, this.#season), { levels, horizons });
    this.#readers.set(key, reader);
    return reader;
  }

  #stepRun(shard: number, tick: number, values: Float64Array, lo: number, hi: number): void {
    this.#shards[shard].step(tick, values, lo, hi);
  }

  /** Steps all columns of which a single value waits, those at the same tick side by side. @param breathe called between slices */
  async advance(breathe: () => Promise<void>): Promise<void> {
    for (const waiting of this.#waiting)
      for (let column = 0; column < waiting.length; column++) {
        // Looked at only now: someone may have asked for a forecast in the meantime.
        const run = runFrom(waiting, column, this.#slice);
        if (run.length === 0) continue;
        this.#slice = Math.min(SLICE, this.#slice + 1);
        this.#stepColumns(run, waiting);
        column += run.length - 1;
        await breathe();
      }
  }

  #stepColumns(run: readonly Column[], waiting: (Column | undefined)[]): void {
    const values = Float64Array.from(run, ({ queue }) => queue[0]);
    const [{ shard, column, next }] = run;
    this.#stepRun(shard, next, values, column, column + run.length);
    for (const one of run) {
      one.next++;
      one.queue.length = 0;
      waiting[one.column] = undefined;
    }
  }

  /** Estimates all regressions again. @param breathe called between columns */
  async refit(breathe: () => Promise<void>): Promise<void> {
    for (const [s, shard] of this.#shards.entries())
      for (let column = 0; column < this.#used[s]; column++) {
        shard.refit(column);
        await breathe();
      }
  }

  /** Bytes of all tables. */
  get bytes(): number {
    let sum = 0;
    for (const { tables } of this.#states) for (const table of tables.values()) sum += table.byteLength;
    return sum;
  }

  /** The memory, for keeping it. Nothing may wait. */
  get states(): readonly SharedShard[] {
    return this.#states;
  }

  /** Takes over what was kept. Nothing may have been opened before. @throws RangeError where it was made for other steps or seasons */
  restore(states: readonly SharedShard[]): void {
    if (states.some(({ step, season }) => step !== this.#step || season !== this.#season))
      throw new RangeError(`expected forecasts of ${this.#step} s a tick and ${this.#season} s a season, found others`);
    this.#shards.push(...states.map((state) => openShard(state, this.#globalModel)));
    this.#states.push(...states);
    this.#claimed = states.map(() => new Set());
    for (const { columns } of states) {
      // All are taken until it is known which are claimed.
      this.#used.push(columns);
      this.#free.push([]);
      this.#waiting.push(new Array(columns).fill(undefined));
    }
  }

  /** The columns that were kept and not claimed are free. */
  restored(): void {
    this.#claimed.forEach((claimed, shard) => {
      for (let column = 0; column < this.#states[shard].columns; column++)
        if (!claimed.has(column)) this.release({ shard, column });
    });
    this.#claimed = [];
  }

  /** Goes on with a column that was kept. */
  claim({ shard, column, next }: KeptColumn, judgedBy: JudgedBy): Column {
    this.#claimed[shard].add(column);
    this.#judge(shard, column, judgedBy);
    return { shard, column, next, queue: [] };
  }
}

/** Columns side by side at the same tick, each with one value, from a column on. */
function runFrom(waiting: readonly (Column | undefined)[], from: number, most: number): Column[] {
  const run: Column[] = [];
  for (let column = from; column < waiting.length && run.length < most; column++) {
    const one = waiting[column];
    if (one === undefined || one.queue.length !== 1 || (run.length > 0 && one.next !== run[0].next)) break;
    run.push(one);
  }
  return run;
}
