import { constants, setPriority } from "node:os";
import { setImmediate } from "node:timers/promises";
import { type CandidateInput, type Outcome, trainCandidate } from "./candidate.ts";

/** What the training process answers, once, before it ends. */
export type TrainerAnswer = { readonly outcome: Outcome } | { readonly error: string };

setPriority(constants.priority.PRIORITY_LOW);
// Without the engine nobody waits for the model.
process.once("disconnect", () => process.exit(1));
process.once("message", async (input: CandidateInput) => {
  const answer = await trained(input);
  process.send?.(answer, () => process.exit(0));
});

async function trained(input: CandidateInput): Promise<TrainerAnswer> {
  try {
    const training = trainCandidate(input);
    for (;;) {
      const { done, value } = training.next();
      if (done) return { outcome: value };
      // Lets the end of the engine be noticed.
      await setImmediate();
    }
  } catch (error) {
    return { error: (error as Error).message };
  }
}
