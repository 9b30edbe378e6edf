import type { UsageVector } from "../../model/vector.ts";

/** Takes what an intake received. Must not block: what is slow is queued behind it. */
export interface UsageSink {
  accept(vectors: readonly UsageVector[]): void;
}
