import type { EngineEvent, WorkloadView } from "../engine/api/engine-control.port.ts";
import type { Changeset } from "../model/changeset.ts";
import { readWorld, type World } from "./world.ts";

/** What the engine did while the demo watched. */
export class Recording {
  readonly views: WorkloadView[] = [];
  readonly #changesets = new Map<string, Changeset>();
  /** The world as it was when a changeset was proposed. */
  readonly #worlds = new Map<string, World>();

  /** @returns a changeset whose state is new */
  async take(event: EngineEvent): Promise<Changeset | undefined> {
    if (event.type === "tick") this.views.push(event.workload);
    if (event.type !== "changeset") return undefined;
    const { changeset } = event;
    const known = this.#changesets.get(changeset.id);
    if (known !== undefined && known.revision >= changeset.revision) return undefined;
    this.#changesets.set(changeset.id, changeset);
    if (known === undefined) this.#worlds.set(changeset.id, await readWorld());
    return known?.state === changeset.state ? undefined : changeset;
  }

  done(): Changeset[] {
    return [...this.#changesets.values()].filter(({ state, reverses }) => state === "done" && reverses === undefined);
  }

  before(changeset: Changeset): World | undefined {
    return this.#worlds.get(changeset.id);
  }
}
