import { z } from "zod";
import type { EngineEvent } from "./engine-control.port.ts";
import { workloadName } from "./schemas.ts";

const TYPES = ["tick", "changeset", "alert", "note"] as const satisfies readonly EngineEvent["type"][];

/** Which happenings a follower wants; all without. */
export interface EventFilter {
  readonly types?: readonly EngineEvent["type"][];
  /** Of this workload, and of the engine as a whole. */
  readonly workload?: string;
}

/** The query of `GET /events`: `types=changeset,alert` and `workload=web`. */
export const eventQuery = z.object({
  types: z
    .string()
    .max(100)
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(TYPES)))
    .optional(),
  workload: workloadName.optional(),
});

/** Whether a follower wants to hear it. */
export function isWanted(event: EngineEvent, { types, workload }: EventFilter): boolean {
  if (types !== undefined && !types.includes(event.type)) return false;
  const about = workloadOf(event);
  return workload === undefined || about === undefined || about === workload;
}

/** Whose it is; `undefined` of what concerns the engine as a whole. */
function workloadOf(event: EngineEvent): string | undefined {
  if (event.type === "tick") return event.workload.name;
  return event.type === "changeset" ? event.changeset.workload : event.workload;
}
