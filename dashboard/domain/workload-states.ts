import type { WorkloadStateName } from "../../engine/api/fleet.ts";

/** What a workload can be at once; the engine tells which hold. */
export const WORKLOAD_STATES = [
  "waiting",
  "anomaly",
  "short",
  "frozen",
  "acting",
  "trusted",
] as const satisfies readonly WorkloadStateName[];
export type WorkloadState = WorkloadStateName;

/** How a state is told: by a shape and a word, so that colour only helps. */
export interface StateLook {
  readonly shape: string;
  readonly word: string;
  readonly meaning: string;
}

export const STATE_LOOKS: Readonly<Record<WorkloadState, StateLook>> = {
  waiting: { shape: "◆", word: "waiting", meaning: "A change waits for a person's approval" },
  anomaly: { shape: "▲", word: "anomaly", meaning: "What comes is outside of what was forecast" },
  short: { shape: "▼", word: "short", meaning: "More was wanted than was granted" },
  frozen: { shape: "■", word: "frozen", meaning: "A person has stopped changes" },
  acting: { shape: "▶", word: "acting", meaning: "A change is on its way" },
  trusted: { shape: "●", word: "predictable", meaning: "A forecast has proved itself and counts" },
};

/** Known states, the most pressing first; what a newer engine tells besides is left out. */
export function ordered(states: readonly string[]): WorkloadState[] {
  return WORKLOAD_STATES.filter((state) => states.includes(state));
}
