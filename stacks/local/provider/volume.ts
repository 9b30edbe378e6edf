import { withLock } from "../world/lock.ts";
import { ensureVolume, readVolume, removeVolume, type VolumeState } from "../world/volume.ts";
import * as rule from "./checks.ts";
import type { Handler, Properties } from "./handler.ts";

const MEBIBYTE = 1024 ** 2;
/** Smaller, ext4 has no journal. */
const LEAST = 16 * MEBIBYTE;
/** Slower, one request takes longer than any client waits. */
const LEAST_THROUGHPUT = 64 * 1024;

/** `local:index:Volume` */
export const volume: Handler = {
  replaces: ["pool", "runDirectory"],

  check(olds, news) {
    const inputs = rule.present({ ...news, throughput: rule.whole(news.throughput) });
    const failures = rule.failuresOf(inputs, {
      pool: rule.poolName,
      runDirectory: rule.runDirectory,
      size: (value) =>
        rule.integer(LEAST, 2 ** 50, "bytes")(value) ?? wholeMebibytes(value as number) ?? onlyGrows(olds, news),
      throughput: rule.optional(rule.number(LEAST_THROUGHPUT, 2 ** 40, "bytes a second")),
      iops: rule.optional(rule.integer(1, 2 ** 30, "operations a second")),
    });
    return { inputs, failures };
  },

  async ensure(properties) {
    const { runDirectory, pool, size, throughput, iops } = properties as {
      runDirectory: string;
      pool: string;
      size: number;
      throughput?: number;
      iops?: number;
    };
    const spec = {
      pool,
      size,
      throughput: throughput ?? null,
      iops: iops ?? null,
    };
    return withLock(`${runDirectory} volume`, async () =>
      outputsOf(properties, await ensureVolume(runDirectory, spec)),
    );
  },

  async read(runDirectory, olds) {
    const state = readVolume(runDirectory);
    if (state === undefined) return undefined;
    const { pool, size, throughput, iops } = state;
    const inputs = rule.present({ pool, runDirectory, size, throughput, iops });
    return { inputs, outputs: { ...olds, ...inputs } };
  },

  async remove(runDirectory, { pool }) {
    await withLock(`${runDirectory} volume`, () => removeVolume(runDirectory, pool as string));
  },
};

function wholeMebibytes(size: number): string | undefined {
  return size % MEBIBYTE === 0 ? undefined : rule.expected("a multiple of 1 MiB", size);
}

function onlyGrows(olds: Properties, news: Properties): string | undefined {
  const same = olds.runDirectory === news.runDirectory && olds.pool === news.pool;
  if (!same || typeof olds.size !== "number" || (news.size as number) >= olds.size) return undefined;
  return `volumes only grow: expected at least the present ${olds.size / MEBIBYTE} MiB, found ${(news.size as number) / MEBIBYTE} MiB; to shrink, delete the volume with its data`;
}

function outputsOf(
  inputs: Properties,
  { path, backing, device, throughputEnforced, growth, degraded }: VolumeState,
): Properties {
  return { ...inputs, path, backing, device, throughputEnforced, growth, degraded };
}
