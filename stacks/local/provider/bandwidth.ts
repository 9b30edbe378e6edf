import { ensureBandwidth, readBandwidth, removeBandwidth } from "../world/bandwidth.ts";
import { withLock } from "../world/lock.ts";
import { kernelNames } from "../world/run-directory.ts";
import * as rule from "./checks.ts";
import type { Handler } from "./handler.ts";

/** Slower, not even a connection's first packets pass in time. */
const LEAST = 8 * 1024;

/** `local:index:Bandwidth` */
export const bandwidth: Handler = {
  replaces: ["pool", "runDirectory"],

  check(_olds, news) {
    const inputs = rule.present({ ...news, bandwidth: rule.whole(news.bandwidth) });
    const failures = rule.failuresOf(inputs, {
      pool: rule.poolName,
      runDirectory: rule.runDirectory,
      bandwidth: rule.number(LEAST, 2 ** 40, "bytes a second"),
    });
    return { inputs, failures };
  },

  async ensure(properties) {
    const { runDirectory, bandwidth: rate } = properties as { runDirectory: string; bandwidth: number };
    const { enforced, reason } = await withLock(runDirectory, () => ensureBandwidth(runDirectory, rate));
    const device = enforced ? kernelNames(runDirectory).veth : "";
    return {
      ...properties,
      device,
      enforced,
      reason,
      degraded: enforced ? [] : [`bandwidth is not limited: ${reason}`],
    };
  },

  async read(runDirectory, olds) {
    const state = await readBandwidth(runDirectory);
    if (state === undefined) return undefined;
    const inputs = { pool: olds.pool, runDirectory, bandwidth: state.bandwidth };
    return { inputs, outputs: { ...olds, ...inputs } };
  },

  async remove(runDirectory) {
    await withLock(runDirectory, () => removeBandwidth(runDirectory));
  },
};
