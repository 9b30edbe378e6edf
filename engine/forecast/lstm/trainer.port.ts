import type { CandidateInput, Outcome } from "./candidate.ts";

/** Trains candidates away from the process that forecasts. */
export interface GlobalModelTrainer {
  /**
   * One training at a time.
   *
   * @param signal ends it, at once
   * @returns rejects with an `Error` that says why nothing came of it: too little history, no time left, the signal, a process that died
   */
  train(input: CandidateInput, signal: AbortSignal): Promise<Outcome>;
}
