import { statfsSync } from "node:fs";
import { openControlReader } from "../store/control-reader.ts";
import { openDatabase } from "../store/sqlite-database.ts";
import type { StoreDirectory } from "../store/store-directory.ts";
import { storeSize } from "../store/store-size.ts";
import { DEFAULT_LEVELS, mostUsageBytes } from "../store/usage-schema.ts";
import type { Finding } from "./finding.ts";

const MEBIBYTE = 1024 ** 2;
const DAY = 86_400;
/** Below this much free disk, the store may soon not take a changeset. */
const LEAST_FREE = 256 * MEBIBYTE;

/**
 * How large a store is, how large it gets, and whether the disk has room for that. Series are bounded by what is kept of each; the record of changes
 * and ticks is never cut, so that its growth is told instead.
 *
 * @param interval seconds between two samples of a host
 * @param now epoch seconds
 */
export async function examineSpace(directory: StoreDirectory, interval: number, now: number): Promise<Finding[]> {
  const { bavail, bsize } = statfsSync(directory.path);
  const free = bavail * bsize;
  const { control, usage, models } = storeSize(directory);
  const streams = streamsOf(directory);
  const most = mostUsageBytes(DEFAULT_LEVELS, streams, interval);
  const grows = await dailyGrowth(directory, control, now);
  const wanted = LEAST_FREE + Math.max(0, most - usage);
  const full = free < LEAST_FREE ? `; expected at least ${size(LEAST_FREE)}` : "";
  const tight = full === "" && free < wanted ? `; the series may still take ${size(most - usage)}` : "";
  return [
    {
      what: "store",
      state: full === "" && tight === "" ? "ok" : "degraded",
      text: `${directory.path}, ${size(control + usage + models)}, ${size(free)} free${full}${tight}`,
    },
    {
      what: "size of the series",
      state: "ok",
      text: `${size(usage)} of at most ${size(most)}: ${streams} ${streams === 1 ? "stream" : "streams"} of a workload and host each`,
    },
    {
      what: "size of the record",
      state: "ok",
      text: `${size(control)}${grows === undefined ? "" : `, by ${size(grows)} more a day so far`}; it is kept for good`,
    },
    { what: "size of the models", state: "ok", text: size(models) },
  ];
}

function size(bytes: number): string {
  const mebibytes = Math.max(0, bytes) / MEBIBYTE;
  return `${mebibytes < 10 ? mebibytes.toFixed(1) : Math.round(mebibytes)} MiB`;
}

function streamsOf({ usageDatabase }: StoreDirectory): number {
  try {
    const database = openDatabase(usageDatabase, { readOnly: true });
    try {
      return Number(database.prepare("SELECT count(*) AS n FROM stream").get()?.n ?? 0);
    } finally {
      database.close();
    }
  } catch {
    // There is none yet, or it is damaged, which the engine mends when it opens it.
    return 0;
  }
}

/** Bytes; `undefined` while the record is younger than a day. */
async function dailyGrowth(directory: StoreDirectory, bytes: number, now: number): Promise<number | undefined> {
  const reader = openControlReader(directory);
  try {
    const [first] = await reader.ledger(1, 1);
    const days = (now - (first?.at ?? now)) / DAY;
    return days >= 1 ? bytes / days : undefined;
  } finally {
    reader.close();
  }
}
