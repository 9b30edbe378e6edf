import type { ChangesetState } from "../../model/changeset.ts";
import { shapeOf, standing, toneOf } from "../domain/verdict.ts";
import { ordered, STATE_LOOKS } from "../domain/workload-states.ts";

/** The states of a workload, a shape and a word each. */
export function StateBadges({ states }: { readonly states: readonly string[] }) {
  const found = ordered(states);
  if (found.length === 0) return <span class="badge learning">○ learning</span>;
  return (
    <span class="badges">
      {found.map((state) => (
        <span key={state} class={`badge ${state}`} title={STATE_LOOKS[state].meaning}>
          <span aria-hidden="true">{STATE_LOOKS[state].shape}</span> {STATE_LOOKS[state].word}
        </span>
      ))}
    </span>
  );
}

/** The state of a changeset. */
export function ChangesetBadge({ state }: { readonly state: ChangesetState }) {
  return (
    <span class={`badge tone-${toneOf(state)}`} title={standing(state)}>
      <span aria-hidden="true">{shapeOf(state)}</span> {state.replace("-", " ")}
    </span>
  );
}
