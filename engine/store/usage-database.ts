import type { DatabaseSync, StatementSync } from "node:sqlite";
import { transaction } from "./sqlite-database.ts";
import { storeError } from "./store-error.ts";
import { addToBuckets, decode, encode, type Point, StepMeans, samplePoint } from "./usage-point.ts";
import type { Level } from "./usage-schema.ts";

/** One measured vector, reduced to what is kept of it: values by column, `NaN` where not measured. */
export interface UsageRecord {
  readonly workload: string;
  readonly host: string;
  readonly at: number;
  readonly interval: number;
  readonly values: ArrayLike<number>;
}

export interface UsageQuery {
  readonly workload: string;
  readonly column: number;
  readonly from: number;
  readonly step: number;
  readonly steps: number;
}

export interface Backfill {
  readonly workload: string;
  readonly column: { readonly demand: number; readonly usage: number };
  /** Names what the data is and where it comes from. */
  readonly origin: string;
  readonly series: string;
  readonly from: number;
  readonly step: number;
  /** Of the same length. */
  readonly values: { readonly demand: Float64Array; readonly usage: Float64Array };
}

/** Longest interval that one sample may speak for, and how far ahead of our clock a host's may be. */
const MAX_INTERVAL = 3600;
const MAX_AHEAD = 300;
const PRUNE_STREAMS = 20;
const PRUNE_POINTS = 500;

/** The series in `usage.db`. Synchronous: it belongs into a worker. Every sample is added to all rollups as it comes. */
export class UsageDatabase {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #levels: readonly Level[];
  readonly #streams = new Map<string, number>();
  readonly #insert: StatementSync;
  readonly #replace: StatementSync;
  readonly #one: StatementSync;
  readonly #range: StatementSync;
  readonly #old: StatementSync;
  #pruneAfter = 0;

  constructor(database: DatabaseSync, path: string, levels: readonly Level[]) {
    this.#database = database;
    this.#path = path;
    this.#levels = levels;
    const columns = "(level, stream, at, length, grain, data) VALUES (?, ?, ?, ?, ?, ?)";
    this.#insert = database.prepare(`INSERT OR IGNORE INTO point ${columns}`);
    this.#replace = database.prepare(`INSERT OR REPLACE INTO point ${columns}`);
    this.#one = database.prepare("SELECT at, length, grain, data FROM point WHERE level = ? AND stream = ? AND at = ?");
    this.#range = database.prepare(
      "SELECT at, length, grain, data FROM point WHERE level = ? AND stream = ? AND at > ? AND at < ?",
    );
    this.#old = database.prepare(
      `DELETE FROM point WHERE level = ?1 AND stream = ?2 AND at IN
         (SELECT at FROM point WHERE level = ?1 AND stream = ?2 AND at < ?3 ORDER BY at LIMIT ${PRUNE_POINTS})`,
    );
  }

  /**
   * Writes records in one transaction. One with the workload, host and instant of another is left away.
   *
   * @param now epoch seconds
   * @returns how many were refused: older than the samples that are kept, ahead of time, of no or too long an interval
   */
  append(records: readonly UsageRecord[], now: number): number {
    return this.#write("writing usage", () => {
      let refused = 0;
      const fresh = new Map<number, Point[]>();
      for (const record of records) {
        const { at, interval, values } = record;
        const sane =
          interval > 0 && interval <= MAX_INTERVAL && at > now - this.#levels[0].keep && at < now + MAX_AHEAD;
        if (!sane) {
          refused++;
          continue;
        }
        const stream = this.#stream(record.workload, record.host);
        const point = samplePoint(at, interval, values);
        const { changes } = this.#insert.run(0, stream, at, interval, interval, encode(point.data));
        if (Number(changes) === 0) continue;
        const points = fresh.get(stream);
        if (points === undefined) fresh.set(stream, [point]);
        else points.push(point);
      }
      for (const [stream, points] of fresh) this.#rollUp(stream, points, now);
      return refused;
    });
  }

  /** Loads a past, in place of what the same origin loaded for the same time before. */
  backfill({ workload, column, origin, series, from, step, values }: Backfill, now: number): void {
    this.#write("loading a past", () => {
      const stream = this.#stream(workload, `${origin}/${series}`, origin);
      const to = from + values.demand.length * step;
      const remove = this.#database.prepare(
        "DELETE FROM point WHERE level = ? AND stream = ? AND at > ? AND at <= ? AND at - length >= ?",
      );
      for (const { bucket } of this.#levels) remove.run(bucket, stream, from, to + 1e-6, from - 1e-6);
      const points: Point[] = [];
      for (const [i, demand] of values.demand.entries()) {
        const usage = values.usage[i];
        if (!Number.isFinite(demand) && !Number.isFinite(usage)) continue;
        const row = new Float64Array(Math.max(column.demand, column.usage) + 1).fill(Number.NaN);
        row[column.demand] = demand;
        row[column.usage] = usage;
        const point = samplePoint(from + (i + 1) * step, step, row);
        if (point.at > now - this.#levels[0].keep)
          this.#replace.run(0, stream, point.at, step, step, encode(point.data));
        points.push(point);
      }
      this.#rollUp(stream, points, now);
    });
  }

  /**
   * Means of a column in steps, summed over the workload's hosts. Where nothing was measured a loaded past counts, of the origin that was first to
   * load any: two that tell of the same time are not added up.
   */
  query({ workload, column, from, step, steps }: UsageQuery, now: number): Float64Array {
    try {
      const streams = this.#database
        .prepare("SELECT id, origin FROM stream WHERE workload = ? ORDER BY id")
        .all(workload);
      const [measured, loaded] = [gaps(steps), gaps(steps)];
      for (const { id, origin } of streams) {
        const means = new StepMeans(from, step, steps);
        for (const part of this.#parts(from, step, from + steps * step, now))
          for (const point of this.#points(part.level, Number(id), part.from, part.to)) means.add(point, column);
        for (let i = 0; i < steps; i++) {
          const mean = means.mean(i);
          if (Number.isNaN(mean)) continue;
          if (origin === null) measured[i] = Number.isNaN(measured[i]) ? mean : measured[i] + mean;
          else if (Number.isNaN(loaded[i])) loaded[i] = mean;
        }
      }
      return measured.map((value, i) => (Number.isNaN(value) ? loaded[i] : value));
    } catch (error) {
      throw storeError(error, this.#path, "reading usage");
    }
  }

  /**
   * Deletes some of what is older than its level keeps, a little at a time, since a delete holds up everything else.
   *
   * @returns whether more may be left
   */
  prune(now: number): boolean {
    return this.#write("deleting old usage", () => {
      const rows = this.#database
        .prepare("SELECT id, workload, host FROM stream WHERE id > ? ORDER BY id LIMIT ?")
        .all(this.#pruneAfter, PRUNE_STREAMS);
      let more = rows.length === PRUNE_STREAMS;
      for (const { id, workload, host } of rows) {
        const stream = Number(id);
        for (const { bucket, keep } of this.#levels)
          if (Number(this.#old.run(bucket, stream, now - keep).changes) === PRUNE_POINTS) more = true;
        const coarsest = this.#levels[this.#levels.length - 1].bucket;
        if (this.#database.prepare("SELECT 1 FROM point WHERE level = ? AND stream = ? LIMIT 1").get(coarsest, stream))
          continue;
        this.#database.prepare("DELETE FROM stream WHERE id = ?").run(stream);
        this.#streams.delete(streamKey(String(workload), String(host)));
      }
      this.#pruneAfter = rows.length === PRUNE_STREAMS ? Number(rows[rows.length - 1].id) : 0;
      return more;
    });
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Which level serves which part of a span: the coarsest whose buckets fit the steps, and for what is older than it
   * keeps the next coarser. Levels are never mixed within a part, since a coarse bucket would close the gaps of a fine one.
   */
  #parts(from: number, step: number, to: number, now: number): { level: number; from: number; to: number }[] {
    const fits = (bucket: number) => bucket === 0 || (isMultiple(step, bucket) && isMultiple(from, bucket));
    let index = this.#levels.findLastIndex(({ bucket }) => fits(bucket));
    const parts: { level: number; from: number; to: number }[] = [];
    let end = to;
    for (; index < this.#levels.length && end > from; index++) {
      const { bucket, keep } = this.#levels[index];
      // Cut where the buckets of both levels end.
      const grid = this.#levels[index + 1]?.bucket ?? Math.max(1, bucket);
      const begin = Math.max(from, Math.ceil((now - keep) / grid) * grid);
      if (begin < end) parts.push({ level: bucket, from: begin, to: end });
      end = Math.min(end, begin);
    }
    return parts;
  }

  /** Points that overlap [from, to); those at the edges cut to it, as far as their level's buckets allow. */
  *#points(level: number, stream: number, from: number, to: number): Iterable<Point> {
    const longest = level === 0 ? MAX_INTERVAL : level;
    for (const row of this.#range.iterate(level, stream, from, to + longest)) {
      const point = pointOf(row);
      const start = point.at - point.length;
      if (start >= to) continue;
      yield start >= from && point.at <= to ? point : cut(point, Math.max(start, from), Math.min(point.at, to));
    }
  }

  #rollUp(stream: number, points: readonly Point[], now: number): void {
    for (const { bucket, keep } of this.#levels) {
      if (bucket === 0) continue;
      const buckets = new Map<number, Point>();
      addToBuckets(
        buckets,
        points.filter(({ at }) => at > now - keep),
        bucket,
      );
      for (const { at, length, grain, data } of buckets.values()) {
        const row = this.#one.get(bucket, stream, at);
        const stored = row && pointOf(row);
        if (stored) for (let i = 0; i < data.length; i++) data[i] += stored.data[i];
        const finest = Math.min(grain, stored?.grain ?? grain);
        this.#replace.run(bucket, stream, at, length, finest, encode(data));
      }
    }
  }

  #stream(workload: string, host: string, origin: string | null = null): number {
    const key = streamKey(workload, host);
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    this.#database
      .prepare("INSERT OR IGNORE INTO stream (workload, host, origin) VALUES (?, ?, ?)")
      .run(workload, host, origin);
    const row = this.#database.prepare("SELECT id FROM stream WHERE workload = ? AND host = ?").get(workload, host);
    const id = Number(row?.id);
    this.#streams.set(key, id);
    return id;
  }

  #write<T>(doing: string, work: () => T): T {
    try {
      return transaction(this.#database, this.#path, doing, work);
    } catch (error) {
      // Streams that were created in it are gone again.
      this.#streams.clear();
      throw error;
    }
  }
}

function streamKey(workload: string, host: string): string {
  return `${workload}\n${host}`;
}

function gaps(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}

function isMultiple(value: number, of: number): boolean {
  return Math.abs(value / of - Math.round(value / of)) < 1e-9;
}

function pointOf(row: Record<string, unknown>): Point {
  return {
    at: Number(row.at),
    length: Number(row.length),
    grain: Number(row.grain),
    data: decode(row.data as Uint8Array),
  };
}

function cut({ length, grain, data }: Point, from: number, to: number): Point {
  const share = (to - from) / length;
  return { at: to, length: to - from, grain, data: data.map((value) => value * share) };
}
