import { randomBytes } from "node:crypto";
import type { Clock } from "../../engine/clock.port.ts";
import { PulumiInfrastructure, type PulumiOptions } from "../../engine/infrastructure/pulumi-infrastructure.ts";
import type { ChangeLimits } from "../../engine/orchestrator/change/change-context.ts";
import { ChangeManager } from "../../engine/orchestrator/change/change-manager.ts";
import type { ProgressMessage } from "../../engine/orchestrator/change/progress.port.ts";
import type { TargetStatusPort } from "../../engine/orchestrator/target-status.port.ts";
import { PlainGit } from "../../engine/review/plain-git.ts";
import { openControlStore, type SqliteControlStore } from "../../engine/store/control-store.ts";
import { storeDirectory } from "../../engine/store/store-directory.ts";
import type { BoundResources } from "../../model/bound-resources.ts";
import { type Constraints, parseConstraints } from "../../model/constraints.ts";
import type { FileWorld } from "./file-world.ts";

export interface Engine {
  readonly manager: ChangeManager;
  readonly store: SqliteControlStore;
  readonly review: PlainGit;
  readonly messages: ProgressMessage[];
}

/** All automatic: what the tests of the way itself need. */
export const AUTOMATIC = parseConstraints(
  "version: 1\nchange: { vertical: auto, irreversible: auto }\n",
  "automatic.yaml",
);

/** The real parts around a file world: store, git, Pulumi. */
export function openEngine(
  world: Pick<FileWorld, "root" | "store" | "env">,
  options: {
    constraints?: Constraints;
    limits?: Partial<ChangeLimits>;
    status?: TargetStatusPort;
    clock?: Clock;
    infrastructure?: Partial<PulumiOptions>;
    /** What of the stack is the workload's; all that its change touches without it. */
    bound?: BoundResources;
    /** The git remote whose branch counts. */
    remote?: string;
    onMessage?(message: ProgressMessage): void;
  } = {},
): Engine {
  const { root } = world;
  const directory = storeDirectory("sqlite:.foreshadow", root);
  const store = openControlStore(directory);
  const review = new PlainGit({ root, store: world.store, ...(options.remote && { remote: options.remote }) });
  const messages: ProgressMessage[] = [];
  const manager = new ChangeManager({
    store,
    review,
    infrastructure: new PulumiInfrastructure({
      root,
      store: world.store,
      env: world.env,
      niceness: 0,
      ...options.infrastructure,
    }),
    progress: {
      notify(message) {
        messages.push(message);
        options.onMessage?.(message);
      },
    },
    clock: options.clock ?? { now: () => Date.now() / 1000, monotonic: () => performance.now() / 1000 },
    newId: () => `${Date.now().toString(36)}-${randomBytes(4).toString("hex")}`,
    ...(options.status && { status: options.status }),
    ...(options.bound && { bound: () => options.bound! }),
    constraints: () => options.constraints ?? AUTOMATIC,
    limits: { verifyDeadline: 30, verifyInterval: 0.2, ...options.limits },
  });
  return { manager, store, review, messages };
}
