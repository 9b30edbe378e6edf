import { fork } from "node:child_process";
import { siblingModule } from "../../../model/sibling.ts";
import type { CandidateInput, Outcome } from "./candidate.ts";
import type { TrainerAnswer } from "./trainer.child.ts";
import type { GlobalModelTrainer } from "./trainer.port.ts";

/** Milliseconds that a training may take on a machine that has nothing left for it, before it is given up. */
const BUDGET = 30 * 60_000;

/** Trains in a child process of the lowest priority, which ends with the training, with this process, or with the budget. */
export function createTrainer({ budget = BUDGET }: { readonly budget?: number } = {}): GlobalModelTrainer {
  return { train: (input, signal) => run(input, signal, budget) };
}

function run(input: CandidateInput, signal: AbortSignal, budget: number): Promise<Outcome> {
  if (signal.aborted) return Promise.reject(stopped());
  // Nothing of the environment: the child needs none of it, and the engine's holds secrets.
  const child = fork(siblingModule(import.meta.url, "./trainer.child"), {
    serialization: "advanced",
    env: {},
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return new Promise<Outcome>((resolve, reject) => {
    const kill = () => child.kill("SIGKILL");
    const timer = setTimeout(() => {
      reject(new Error(`the training was given up after ${budget / 1_000} s`));
      kill();
    }, budget);
    signal.addEventListener("abort", kill, { once: true });
    child.once("error", (error) => reject(new Error(`the training process failed: ${error.message}`)));
    child.once("message", (answer: TrainerAnswer) => {
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer.outcome);
    });
    // The promise settles once; after an answer this only tidies up.
    child.once("exit", (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
      reject(signal.aborted ? stopped() : new Error(`the training process ended with ${killedBy ?? code}`));
    });
    child.send(input, (error) => {
      if (error !== null) kill();
    });
  });
}

function stopped(): Error {
  return new Error("the training was stopped");
}
