import type { Capacity } from "../../model/capacity.ts";
import type { Changeset, ChangesetState } from "../../model/changeset.ts";
import { replicasAt } from "../../model/replicas-at.ts";

const STANDING: Readonly<Record<ChangesetState, string>> = {
  proposed: "is proposed; its preview comes next",
  previewing: "is being previewed",
  unchanged: "changes nothing",
  blocked: "was blocked before it began",
  refused: "was refused by constraints or policy",
  failed: "failed",
  "awaiting-approval": "waits for approval",
  approved: "is approved and about to be applied",
  rejected: "was rejected",
  expired: "expired without an answer",
  superseded: "was superseded by newer numbers",
  cancelled: "was cancelled",
  applying: "is being applied",
  verifying: "was applied and is being verified",
  partial: "was carried out in part",
  interrupted: "was interrupted; what the world is like is being read",
  done: "is done and verified",
  diverged: "was applied, and the world differs",
};

/** How a state bears on the reader: something to do, on its way, well ended, or not. */
export type Tone = "ask" | "busy" | "good" | "bad" | "quiet";

const TONES: Partial<Readonly<Record<ChangesetState, Tone>>> = {
  "awaiting-approval": "ask",
  proposed: "busy",
  previewing: "busy",
  approved: "busy",
  applying: "busy",
  verifying: "busy",
  interrupted: "busy",
  done: "good",
  blocked: "bad",
  refused: "bad",
  failed: "bad",
  partial: "bad",
  diverged: "bad",
};
const SHAPES: Readonly<Record<Tone, string>> = { ask: "◆", busy: "▶", good: "●", bad: "▲", quiet: "○" };

export function toneOf(state: ChangesetState): Tone {
  return TONES[state] ?? "quiet";
}

export function shapeOf(state: ChangesetState): string {
  return SHAPES[toneOf(state)];
}

/** Where a changeset stands, as what is said of it: `is being applied`. */
export function standing(state: ChangesetState): string {
  return STANDING[state] ?? state;
}

/** What a changeset comes to, in a few words: `4 → 6 replicas`, `plan of 3 steps`, `memory 4GiB → 6GiB`. */
export function effect({ before, after, createdAt }: Pick<Changeset, "before" | "after" | "createdAt">): string {
  const parts: string[] = [];
  const [from, to] = [replicasAt(before, createdAt), replicasAt(after, createdAt)];
  if (from !== to) parts.push(`${from} → ${to} replicas`);
  if (JSON.stringify(before.plan) !== JSON.stringify(after.plan)) parts.push(planWords(after.plan));
  const sizes = sizesOf(before);
  for (const [name, value] of sizesOf(after)) if (sizes.get(name) !== value) parts.push(`another ${name}`);
  return parts.length === 0 ? "no change of capacity" : parts.join(", ");
}

function planWords(plan: Capacity["plan"]): string {
  if (plan.length === 0) return "no plan ahead";
  const floors = plan.map(({ floor }) => floor);
  return `a plan of ${plan.length} ${plan.length === 1 ? "step" : "steps"}, ${Math.min(...floors)} to ${Math.max(...floors)} replicas`;
}

function sizesOf({ perReplica, storage, network }: Capacity): Map<string, unknown> {
  return new Map(
    [
      ...Object.entries(perReplica).map(([name, value]) => [`${name} per replica`, value] as const),
      ...Object.entries(storage).map(([name, value]) => [`storage ${name}`, value] as const),
      ...Object.entries(network).map(([name, value]) => [`network ${name}`, value] as const),
    ].filter(([, value]) => value !== undefined),
  );
}
