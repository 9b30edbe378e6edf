import { connectEngine } from "../engine/api/client.ts";
import { fileHolds, type HoldWriter } from "../engine/file-holds.ts";
import type { ProjectFiles } from "../engine/project-files.ts";

/**
 * How a hold reaches the engine: over its socket, which records it at once; without an engine, or when it does not answer, into the
 * store's file of holds, which an engine reads before each action and records when it can.
 */
export async function holdWriter(files: ProjectFiles): Promise<HoldWriter> {
  const client = await connectEngine(files.store).catch(() => undefined);
  const direct = await fileHolds(files, () => Date.now() / 1000);
  if (client === undefined) return direct;
  const either = async (first: () => Promise<void>, second: () => Promise<void>) => {
    try {
      await withDeadline(first(), 800);
    } catch {
      await second();
    }
  };
  return {
    freeze: (freeze) =>
      either(
        () => client.freeze(freeze),
        () => direct.freeze(freeze),
      ),
    pin: (pin) =>
      either(
        () => client.pin(pin),
        () => direct.pin(pin),
      ),
    unfreeze: (workload, by) =>
      either(
        () => client.unfreeze(workload, by),
        () => direct.unfreeze(workload, by),
      ),
  };
}

/** An engine that does not answer within a second must not keep a person's hold from acting within one. */
async function withDeadline(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the engine does not answer")), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
