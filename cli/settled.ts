import { setTimeout as sleep } from "node:timers/promises";
import type { EngineControl } from "../engine/api/engine-control.port.ts";
import { type Changeset, type ChangesetState, UNDER_WAY } from "../model/changeset.ts";

/** Waits until a changeset has come to its end, or waits for a person. */
export async function settled(
  engine: EngineControl,
  id: string,
  moved: (state: ChangesetState) => void,
): Promise<Changeset> {
  let last: ChangesetState | undefined;
  for (;;) {
    const changeset = await engine.changeset(id);
    if (changeset.state !== last) moved(changeset.state);
    last = changeset.state;
    if (!UNDER_WAY.includes(changeset.state)) return changeset;
    await sleep(200);
  }
}
