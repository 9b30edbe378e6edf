import type { Pull } from "./pull.port.ts";

const LONGEST_WAIT = 120;

export interface PullingOptions {
  readonly pulls: readonly Pull[];
  /** Told what a person should know: that something cannot be reached, and that it can again. */
  readonly say: (text: string) => void;
  /** Epoch seconds. */
  readonly now: () => number;
}

/**
 * Looks at each source as often as it says, one look of a source at a time. One that fails is asked twice as rarely each time, up to two
 * minutes.
 *
 * @returns what ends it
 */
export function startPulling({ pulls, say, now }: PullingOptions): () => void {
  const timers = new Map<Pull, NodeJS.Timeout>();
  let ended = false;
  const look = async (pull: Pull, failures: number) => {
    let failed = 0;
    try {
      await pull.look(now());
      if (failures > 0 && !ended) say(`usage comes from ${pull.name} again`);
    } catch (error) {
      failed = failures + 1;
      if (failures === 0 && !ended) say(`no usage from ${pull.name}: ${(error as Error).message}`);
    }
    if (ended) return;
    const wait = failed === 0 ? pull.every : Math.max(pull.every, Math.min(LONGEST_WAIT, pull.every * 2 ** failed));
    timers.set(
      pull,
      setTimeout(() => void look(pull, failed), wait * 1000),
    );
  };
  for (const pull of pulls) void look(pull, 0);
  return () => {
    ended = true;
    for (const timer of timers.values()) clearTimeout(timer);
    for (const pull of pulls) pull.close();
  };
}
