import { readFileSync } from "node:fs";
import { z } from "zod";
import type { TargetStatus, TargetStatusPort } from "../orchestrator/target-status.port.ts";

const MAX_BYTES = 8 * 1024 * 1024;

const worker = z.object({ pid: z.number(), state: z.enum(["starting", "ready", "draining"]) });
const poolStatus = z.object({
  version: z.literal(1),
  ready: z.number().int().min(0),
  workers: z.array(worker),
  requestsTotal: z.number().optional(),
  updatedAt: z.number(),
});

/**
 * Replicas from the status file that a target on this host keeps (the local stack's supervisor does).
 *
 * @param files by workload; a workload without one is not known here
 */
export function statusFiles(files: ReadonlyMap<string, string>): TargetStatusPort {
  return {
    read(workload) {
      const file = files.get(workload);
      return file === undefined ? undefined : readStatusFile(file);
    },
  };
}

/** A file that is missing or is not a status says nothing: `undefined`, not zero replicas. */
export function readStatusFile(file: string): TargetStatus | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  if (text.length > MAX_BYTES) return undefined;
  try {
    const { ready, workers, requestsTotal, updatedAt } = poolStatus.parse(JSON.parse(text));
    const warming = workers.filter(({ state }) => state === "starting");
    return { ready, warming: warming.length, warmingPids: warming.map(({ pid }) => pid), requestsTotal, at: updatedAt };
  } catch {
    return undefined;
  }
}
