import type { ProfiledRuntime } from "../../model/project.ts";
import type { FunctionShare } from "./function-shares.ts";
import type { Target } from "./profiler.port.ts";

/** What is asked of the process that takes a profile. */
export interface ProfileRequest {
  readonly runtime: ProfiledRuntime;
  readonly target: Target;
  /** Whole seconds. */
  readonly seconds: number;
  /** Clock ticks a second. */
  readonly ticksPerSecond: number;
  /** Where the profile is kept, and what it is called. */
  readonly keep?: { readonly directory: string; readonly name: string };
}

/** What comes of it. */
export interface TakenProfile {
  /** The functions in which CPU time was spent, the greatest share first. */
  readonly shares: readonly FunctionShare[];
  /** Cores that the process used meanwhile. */
  readonly cpu: number;
}

export type ProfileAnswer = { readonly taken: TakenProfile } | { readonly error: string };
