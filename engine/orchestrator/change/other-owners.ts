import type { Preview, ResourceState } from "./infrastructure.port.ts";

/** Tags by which an autoscaler of machines for Kubernetes marks the groups that it sizes. */
const MARKS: readonly (readonly [tag: RegExp, owner: string])[] = [
  [/^k8s\.io\/cluster-autoscaler\//, "the Kubernetes cluster-autoscaler"],
  [/^karpenter\.(sh|k8s\.aws)\//, "Karpenter"],
  [/^(eks:nodegroup-name|eks:cluster-name|kubernetes\.io\/cluster\/)/, "an EKS node group"],
];
const POOLS = /^(aws:eks\/nodeGroup:|gcp:container\/nodePool:|azure-native:containerservice.*:AgentPool)/;

/**
 * Who else sizes the resources that a change touches, one sentence each: two that write one count take turns undoing each other. Also groups
 * whose machines are not alike, since a count says nothing of their capacity.
 */
export function otherOwners({ changes, resources }: Pick<Preview, "changes" | "resources">): string[] {
  const touched = new Set(changes.map(({ urn }) => urn));
  return resources
    .filter(({ urn }) => touched.has(urn))
    .flatMap((resource) => {
      const why = owner(resource);
      return why === undefined
        ? []
        : [`${resource.name} (${resource.type}) is not scaled here: ${why}; take it out of the workload's resources`];
    });
}

function owner({ type, inputs }: ResourceState): string | undefined {
  if (POOLS.test(type)) return "its node pool is sized by the cluster";
  for (const tag of tagsOf(inputs.tags)) {
    const mark = MARKS.find(([pattern]) => pattern.test(tag));
    if (mark !== undefined) return `its tag ${tag} says that ${mark[1]} sizes it`;
  }
  if (type !== "aws:autoscaling/group:Group" || inputs.mixedInstancesPolicy === undefined) return undefined;
  const weighted = JSON.stringify(inputs.mixedInstancesPolicy).includes("weightedCapacity");
  return weighted ? "its machines are weighted" : "it mixes types of machines";
}

/** Names of tags, in either form that providers have them: a list of `{ key }`, or an object. */
function tagsOf(tags: unknown): string[] {
  if (Array.isArray(tags)) return tags.flatMap((tag) => (typeof tag?.key === "string" ? [tag.key] : []));
  return typeof tags === "object" && tags !== null ? Object.keys(tags) : [];
}
