import type { StackReference } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";
import { digest } from "./digest.ts";
import type { Proposal } from "./intent.ts";
import { sectionAt } from "./section.ts";

/** Commits of the branch that are looked at: what lies further back was carried out, or blocks what follows and is told. */
const MOST = 50;

/**
 * What another engine has put on the branch and may not have carried out: where it was killed or frozen after its push, the branch asks for what
 * nobody does. For each workload the newest commit of an engine on it, where that is not one of this store's and the branch still asks for it. The
 * preview tells whether it has come about; what it was approved by there is judged again here.
 *
 * @throws ReviewHostError
 */
export async function pushedByOthers(context: ChangeContext): Promise<Proposal[]> {
  const { review, store, workloads } = context.dependencies;
  const left = new Map((workloads?.() ?? []).map((one) => [`${keyOf(one.stack)}/${one.workload}`, one]));
  if (left.size === 0) return [];
  const head = await review.head();
  const proposals: Proposal[] = [];
  for (const { commit, parent, changeset: id } of await review.carried(MOST)) {
    for (const [key, { workload, stack }] of left) {
      const after = await sectionAt(context, commit, stack, workload);
      const before = await sectionAt(context, parent, stack, workload);
      if (after === undefined || before === undefined || digest(after) === digest(before)) continue;
      left.delete(key);
      if ((await store.changeset(id)) !== undefined) continue;
      if (digest(await sectionAt(context, head, stack, workload)) !== digest(after)) continue;
      const known = await store.changesets({ workload });
      if (known.some(({ adopts }) => adopts === id)) continue;
      proposals.push({
        workload,
        stack,
        before,
        after,
        reasons: [{ kind: "short", text: `carries out what another engine has put on the branch as ${id}` }],
        mode: "auto",
        adopts: id,
        landed: head,
      });
    }
    if (left.size === 0) break;
  }
  return proposals;
}

function keyOf({ dir, name }: StackReference): string {
  return `${dir}/${name}`;
}
