import { digestOf } from "./spec.ts";

/** Abstract socket that a pool's supervisor holds: the name is bound to the run directory, and a kill leaves no file. */
export function supervisorSocket(runDirectory: string): string {
  return `\0foreshadow-supervisor-${digestOf(runDirectory)}`;
}
