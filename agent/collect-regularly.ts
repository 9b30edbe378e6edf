/** Seconds between two collections: each stops the agent for some 20 ms, which is nothing in a minute and little in a sample. */
const EVERY = 60;

/**
 * Collects all garbage once a minute, where Node was started with `--expose-gc`. What the agent keeps is a few megabytes; what it let go of lies in the old
 * generation until that has grown by as much again, which at an agent's rate is minutes, and in the process's resident memory for good.
 */
export function collectRegularly(): void {
  const collect = globalThis.gc;
  if (collect === undefined) return;
  setInterval(() => collect({ type: "major", execution: "sync" }), EVERY * 1000).unref();
}
