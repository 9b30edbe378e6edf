import { connectEngine } from "../engine/api/client.ts";
import { NotFound } from "../engine/api/engine-control.port.ts";
import { fileHolds, type HoldWriter } from "../engine/file-holds.ts";
import type { ProjectFiles } from "../engine/project-files.ts";

/** An engine that does not answer within a second must not keep a person's hold from acting within one. */
const PATIENCE = 500;

/**
 * How a hold reaches the engine: over its socket, which records it at once; without an engine, or when it does not answer, into the
 * store's file of holds, which an engine reads before each action and records when it can.
 */
export async function holdWriter(files: ProjectFiles): Promise<HoldWriter> {
  const client = await connectEngine(files.store, PATIENCE).catch(() => undefined);
  const inFile = () => fileHolds(files, () => Date.now() / 1000);
  const hold = async (work: (writer: HoldWriter) => Promise<void>) => {
    if (client === undefined) return work(await inFile());
    try {
      await work(client);
    } catch {
      await work(await inFile());
    }
  };
  return {
    freeze: (freeze) => hold((writer) => writer.freeze(freeze)),
    pin: (pin) => hold((writer) => writer.pin(pin)),
    unfreeze: (workload, by) => hold((writer) => writer.unfreeze(workload, by)),
  };
}

/** A hold on a name that no workload has would hold nothing and say that it does. @throws NotFound */
export function requireWorkload({ project }: ProjectFiles, workload: string): void {
  const names = project.workloads.map(({ name }) => name);
  if (workload !== "*" && !names.includes(workload))
    throw new NotFound(`no workload ${workload}; there are ${names.slice(0, 20).join(", ")}`);
}
