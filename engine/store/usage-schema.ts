import type { SeriesName } from "../../model/dimension.ts";
import type { Migration } from "./migrations.ts";

/** Schema of `usage.db`. */
export const USAGE_MIGRATIONS: readonly Migration[] = [
  {
    name: "streams and points",
    sql: `
      -- one a workload and host; origin is set where the past was loaded rather than measured
      CREATE TABLE stream (
        id INTEGER PRIMARY KEY,
        workload TEXT NOT NULL,
        host TEXT NOT NULL,
        origin TEXT,
        UNIQUE (workload, host)
      ) STRICT;

      -- level: seconds of the rollup, 0 for the samples themselves; at: end; grain: seconds of the shortest sample in it
      CREATE TABLE point (
        level INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        at REAL NOT NULL,
        length REAL NOT NULL,
        grain REAL NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (level, stream, at)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

/** The order in which series stand in a point. Only ever extended at the end: stored points are read by it. */
export const STORED_SERIES = [
  "cpu",
  "memory",
  "disk",
  "storage",
  "network",
  "requests",
] as const satisfies SeriesName[];

/** Whether a figure is what a workload asked for or what it got. */
export type Kind = "demand" | "usage";

export const COLUMNS = STORED_SERIES.length * 2;

export function columnOf(series: SeriesName, kind: Kind): number {
  return STORED_SERIES.indexOf(series) * 2 + (kind === "demand" ? 0 : 1);
}

/** A rollup: means over buckets of so many seconds, kept for so many. Buckets are multiples of each other. */
export interface Level {
  readonly bucket: number;
  readonly keep: number;
}

const DAY = 86_400;

/** Samples (bucket 0) first, then ever coarser. About 45 MB a workload and host when full. */
export const DEFAULT_LEVELS: readonly Level[] = [
  { bucket: 0, keep: 2 * 3600 },
  { bucket: 10, keep: 2 * DAY },
  { bucket: 60, keep: 35 * DAY },
  { bucket: 300, keep: 400 * DAY },
];

/** Bytes that a point takes in the database: 233 were measured with the pages of twelve streams that are written in turn. */
const POINT_BYTES = 240;

/**
 * Bytes that the series take when every level is full.
 *
 * @param streams workloads and hosts
 * @param interval seconds between two samples
 */
export function mostUsageBytes(levels: readonly Level[], streams: number, interval: number): number {
  const points = levels.reduce((sum, { bucket, keep }) => sum + Math.ceil(keep / Math.max(bucket, interval)), 0);
  return streams * points * POINT_BYTES;
}
