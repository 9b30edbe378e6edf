import type { Reason } from "../../model/reason.ts";
import { reasonsForPeople } from "../../model/reasons-for-people.ts";

/** Why, in the order in which the engine reasoned. */
export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return <p class="hint">Nothing was decided yet.</p>;
  return (
    <ol class="reasons">
      {reasonsForPeople(reasons).map(({ kind, text, series }, index) => (
        <li key={index}>
          <span class={`kind ${kind === "short" || kind === "incident" ? "bad" : ""}`}>{kind}</span>
          {series && <span class="kind">{series}</span>} {text}
        </li>
      ))}
    </ol>
  );
}
