import type { EngineEvent, WorkloadView } from "../engine/api/engine-control.port.ts";
import type { Changeset } from "../model/changeset.ts";
import { readWorld, type World } from "./world.ts";

/** What the engine did while the demo watched. */
export class Recording {
  readonly views: WorkloadView[] = [];
  readonly #changesets = new Map<string, Changeset>();
  /** The world as it was when a changeset was proposed, and when it was done. */
  readonly #before = new Map<string, World>();
  readonly #after = new Map<string, World>();

  /** @returns a changeset whose state is new */
  async take(event: EngineEvent): Promise<Changeset | undefined> {
    if (event.type === "tick") this.views.push(event.workload);
    if (event.type !== "changeset") return undefined;
    const { changeset } = event;
    const known = this.#changesets.get(changeset.id);
    if (known !== undefined && known.revision >= changeset.revision) return undefined;
    this.#changesets.set(changeset.id, changeset);
    if (known === undefined) this.#before.set(changeset.id, await readWorld());
    if (changeset.state === "done") this.#after.set(changeset.id, await readWorld());
    return known?.state === changeset.state ? undefined : changeset;
  }

  done(): Changeset[] {
    return [...this.#changesets.values()].filter(({ state, reverses }) => state === "done" && reverses === undefined);
  }

  /**
   * What the world should be when one action has been taken back: what that action changed as it was before, everything else as it is
   * now. Undefined where the demo did not see the action begin and end.
   */
  worldWithout({ id }: Changeset, now: World): World | undefined {
    const [before, after] = [this.#before.get(id), this.#after.get(id)];
    if (before === undefined || after === undefined) return undefined;
    const changed = Object.entries(before).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(after[key as keyof World]),
    );
    return { ...now, ...Object.fromEntries(changed) };
  }
}
