import { spawn } from "node:child_process";
import { siblingModule } from "../../model/sibling.ts";
import type { ProfileAnswer, ProfileRequest, TakenProfile } from "./taken-profile.ts";

/** Megabytes of JavaScript's heap in the process that takes a profile. */
const HEAP_MEGABYTES = 128;
const MOST_ANSWERED = 1024 * 1024;
/** Seconds beyond the window after which it is ended. */
const PATIENCE_SECONDS = 30;

/**
 * Takes a profile in a process of its own: what is needed for it is in nobody's memory meanwhile, and an agent that is killed leaves somebody who takes
 * the profiler out again.
 *
 * @param signal ends it early; settles when that is done
 * @throws Error that says why there is no profile
 */
export function takeProfile(request: ProfileRequest, signal: AbortSignal): Promise<TakenProfile> {
  const program = siblingModule(import.meta.url, "./profile.child");
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, program], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env.PATH },
    // Of no terminal's group: an interrupt there is the agent's to pass on.
    detached: true,
  });
  const end = () => child.stdin.end();
  signal.addEventListener("abort", end);
  const limit = setTimeout(() => child.kill("SIGTERM"), (request.seconds + PATIENCE_SECONDS) * 1000);
  // One that could not start, or has ended, takes nothing.
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(request)}\n`);
  if (signal.aborted) end();
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < MOST_ANSWERED) said += text;
  });
  return new Promise<TakenProfile>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      const answer = answerOf(said);
      if ("taken" in answer) resolve(answer.taken);
      else reject(new Error(answer.error));
    });
  }).finally(() => {
    clearTimeout(limit);
    signal.removeEventListener("abort", end);
  });
}

function answerOf(text: string): ProfileAnswer {
  try {
    return JSON.parse(text) as ProfileAnswer;
  } catch {
    return { error: "the process that took its profile ended without an answer" };
  }
}
