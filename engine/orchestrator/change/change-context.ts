import type { BoundResources } from "../../../model/bound-resources.ts";
import type { Changeset, StackReference } from "../../../model/changeset.ts";
import type { Constraints } from "../../../model/constraints.ts";
import type { Clock } from "../../clock.port.ts";
import type { TargetStatusPort } from "../target-status.port.ts";
import type { ControlStore } from "./control-store.port.ts";
import type { Infrastructure } from "./infrastructure.port.ts";
import type { Progress } from "./progress.port.ts";
import type { ReviewHost } from "./review-host.port.ts";
import { type ChangesetEvent, type ChangesetPatch, IllegalTransition, transition } from "./transitions.ts";

/** What the steps of a change need from outside, and the few figures that a deployment may set. */
export interface ChangeDependencies {
  readonly store: ControlStore;
  readonly infrastructure: Infrastructure;
  readonly review: ReviewHost;
  readonly progress: Progress;
  readonly clock: Clock;
  /** New identifiers of a-z, 0-9 and -, never the same twice. */
  newId(): string;
  constraints(workload: string): Constraints;
  /** The resources of a workload; by default all that the change touches. */
  bound?(workload: string): BoundResources;
  /** Path of a stack's capacity file, relative to the repository's root. `capacity/<stack>.yaml` by default. */
  capacityPath?(stack: StackReference): string;
  /** Replicas as the target itself counts them, where it does: a provider's state shows them as they were at the last apply. */
  readonly status?: TargetStatusPort;
  readonly limits?: Partial<ChangeLimits>;
  /** Whether this engine may act, where it shares the stacks with others; it always may without. */
  holds?(): boolean;
  /** All workloads whose capacity is changed here, so that what another engine left is taken up; nothing is without. */
  workloads?(): readonly { readonly workload: string; readonly stack: StackReference }[];
}

/** All in seconds, but for `attempts`. */
export interface ChangeLimits {
  /** Until what was applied must be seen in force. */
  readonly verifyDeadline: number;
  readonly verifyInterval: number;
  /** Age at which an unanswered proposal lapses. */
  readonly approvalExpiry: number;
  /** Age at which a decision that could not be previewed is dropped: the next tick decides afresh. */
  readonly decisionExpiry: number;
  /** Applies of one changeset that may be begun. */
  readonly attempts: number;
  /** For which an increase by hand is a floor. */
  readonly raisedHolds: number;
}

export const LIMITS: ChangeLimits = {
  verifyDeadline: 120,
  verifyInterval: 2,
  approvalExpiry: 7 * 86_400,
  decisionExpiry: 900,
  attempts: 3,
  raisedHolds: 86_400,
};

/** The dependencies of the steps, and the one way in which a step is recorded. */
export class ChangeContext {
  readonly dependencies: ChangeDependencies;
  readonly limits: ChangeLimits;

  constructor(dependencies: ChangeDependencies) {
    this.dependencies = dependencies;
    this.limits = { ...LIMITS, ...dependencies.limits };
  }

  now(): number {
    return this.dependencies.clock.now();
  }

  /** Whether this engine may act now. */
  holds(): boolean {
    return this.dependencies.holds?.() ?? true;
  }

  capacityPath(stack: StackReference): string {
    return this.dependencies.capacityPath?.(stack) ?? `capacity/${stack.name}.yaml`;
  }

  /**
   * Records an event: the changeset's new state and the ledger's entry in one transaction, before anything is done about it.
   *
   * @throws IllegalTransition, RevisionConflict
   */
  async record(
    changeset: Changeset,
    event: ChangesetEvent,
    patch: ChangesetPatch = {},
    detail: Readonly<Record<string, unknown>> = {},
  ): Promise<Changeset> {
    const at = this.now();
    const next = transition(changeset, event, at, patch);
    if (next instanceof IllegalTransition) throw next;
    const { id, workload } = next;
    const body = { event, from: changeset.state, to: next.state, ...detail };
    await this.dependencies.store.save(next, changeset.revision, {
      at,
      kind: KINDS[event] ?? "state",
      workload,
      changeset: id,
      body,
    });
    this.dependencies.progress.notify({
      code: "changeset-state",
      changeset: id,
      workload,
      from: changeset.state,
      to: next.state,
      text: next.failure && patch.failure ? `${next.state}: ${next.failure.message}` : next.state,
    });
    return next;
  }

  /** Runs a part of a step and adds the time it took to the changeset's timings. */
  async timed<Value>(
    timings: Record<string, number>,
    id: string,
    step: string,
    work: () => Promise<Value>,
  ): Promise<Value> {
    const { clock, progress } = this.dependencies;
    const started = clock.monotonic();
    progress.notify({ code: "step", changeset: id, step });
    let failed = true;
    try {
      const value = await work();
      failed = false;
      return value;
    } finally {
      const seconds = clock.monotonic() - started;
      timings[step] = (timings[step] ?? 0) + seconds;
      progress.notify({ code: "step", changeset: id, step, seconds, failed });
    }
  }

  alert(changeset: Changeset, text: string): void {
    this.dependencies.progress.notify({ code: "alert", changeset: changeset.id, workload: changeset.workload, text });
  }
}

const KINDS: Partial<Record<ChangesetEvent, string>> = {
  approved: "approval",
  rejected: "approval",
  "apply-started": "apply",
  applied: "apply",
  "partially-applied": "apply",
  interrupted: "apply",
  "nothing-landed": "apply",
  verified: "verify",
  diverged: "verify",
};
