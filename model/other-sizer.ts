/** Tags by which an autoscaler of machines for Kubernetes marks the groups that it sizes. */
const TAGS: readonly (readonly [tag: RegExp, sizer: string])[] = [
  [/^k8s\.io\/cluster-autoscaler\//, "the Kubernetes cluster-autoscaler"],
  [/^karpenter\.(sh|k8s\.aws)\//, "Karpenter"],
  [/^(eks:nodegroup-name|eks:cluster-name|kubernetes\.io\/cluster\/)/, "an EKS node group"],
];

/** Names that a managed Kubernetes gives the groups of its node pools, and nobody else does. */
const NAMES: readonly (readonly [name: RegExp, sizer: string])[] = [
  [/^gke-.+-grp$/, "a GKE node pool"],
  [/^aks-.+-vmss$/, "an AKS node pool"],
];

/**
 * Who else sizes a group of machines, by the names of its tags: two that write one count take turns undoing each other.
 *
 * @returns a clause such as "its tag karpenter.sh/nodepool says that Karpenter sizes it"; `undefined` where nobody is known
 */
export function sizerByTags(tags: readonly string[]): string | undefined {
  for (const tag of tags) {
    const mark = TAGS.find(([pattern]) => pattern.test(tag));
    if (mark !== undefined) return `its tag ${tag} says that ${mark[1]} sizes it`;
  }
  return undefined;
}

/** The same by the group's own name, where only that is known: "its name says that it is a GKE node pool". */
export function sizerByName(name: string): string | undefined {
  const mark = NAMES.find(([pattern]) => pattern.test(name));
  return mark === undefined ? undefined : `its name says that it is ${mark[1]}, which the cluster sizes`;
}
