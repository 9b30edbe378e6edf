import { createInterface } from "node:readline";
import { functionShares } from "./function-shares.ts";
import { KeptProfiles } from "./kept-profiles.ts";
import type { ProfileAnswer, ProfileRequest, TakenProfile } from "./taken-profile.ts";
import { cpuTicks } from "./target-process.ts";

/**
 * Takes one profile in a process of its own: it is asked by a line of JSON, answers with one, and ends. When the agent ends, however that may be,
 * its end of the pipe closes; then, as at a signal, what is under way leaves its process and nothing is answered.
 */
const MOST_SHARES = 1000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
const lines = createInterface({ input: process.stdin });
lines.on("close", () => stop.abort());
lines.once("line", async (line) => {
  const answer = await answerTo(JSON.parse(line) as ProfileRequest);
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
});

async function answerTo(request: ProfileRequest): Promise<ProfileAnswer> {
  try {
    return { taken: await take(request) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function take({ runtime, target, seconds, ticksPerSecond, keep }: ProfileRequest): Promise<TakenProfile> {
  const profiler = await profilerOf(runtime);
  const ticks = cpuTicks(target);
  const began = performance.now();
  const profile = await profiler.profile(target, seconds, stop.signal);
  const passed = (performance.now() - began) / 1000;
  const cpu = (cpuTicks(target) - ticks) / ticksPerSecond / passed;
  if (keep !== undefined) new KeptProfiles(keep.directory).keep(keep.name, profile);
  return { shares: functionShares(profile).slice(0, MOST_SHARES), cpu };
}

async function profilerOf(runtime: ProfileRequest["runtime"]) {
  switch (runtime) {
    case "node":
      return (await import("./node-profiler.ts")).nodeProfiler;
    case "go":
      return (await import("./go-profiler.ts")).goProfiler;
    case "python":
      return (await import("./python-profiler.ts")).pythonProfiler;
  }
}
