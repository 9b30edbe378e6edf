import type { PoolStatus } from "../../stacks/local/runtime/status.ts";
import { readPool } from "../../stacks/local/world/pool.ts";

/** Waits until a pool's status is as expected. */
export async function until(
  runDirectory: string,
  what: string,
  holds: (status: PoolStatus) => boolean,
  seconds = 20,
): Promise<PoolStatus> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const status = readPool(runDirectory)?.status;
    if (status && holds(status)) return status;
    if (performance.now() > deadline)
      throw new Error(`expected ${what} within ${seconds} s, found ${JSON.stringify(status)}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
