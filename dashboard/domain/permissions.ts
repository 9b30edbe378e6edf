import type { Changeset } from "../../model/changeset.ts";

type Holder = { readonly person: boolean; readonly scopes: readonly string[] };

/** Why the session may not act, on changes or by holds; `undefined` where it may. */
export function actRefusal(holder: Holder): string | undefined {
  const refusal = markRefusal(holder);
  return refusal ?? (holder.person ? undefined : "Your token is a program's: this is for a person.");
}

/** Why the session may not keep measurements out of what is learnt, which programs may as well; `undefined` where it may. */
export function markRefusal({ scopes }: Holder): string | undefined {
  const may = scopes.includes("approve") || scopes.includes("admin");
  return may ? undefined : "Your token may only read: this needs the scope approve.";
}

export type Decision = "approve" | "reject" | "rollback";

/** Why a changeset's own state does not allow a decision; `undefined` where it does. */
export function stateRefusal(
  decision: Decision,
  { state, reversedBy, reversibility }: Pick<Changeset, "state" | "reversedBy" | "reversibility">,
): string | undefined {
  if (decision !== "rollback")
    return state === "awaiting-approval" ? undefined : `It does not wait for approval: it is ${state}.`;
  if (reversedBy !== undefined) return `It was rolled back already, by ${reversedBy}.`;
  if (reversibility === "irreversible") return "It has no way back.";
  return state === "done" || state === "partial" || state === "diverged"
    ? undefined
    : `Only what was carried out can be rolled back: it is ${state}.`;
}
