import { sizerByTags } from "../../../model/other-sizer.ts";
import type { Preview, ResourceState } from "./infrastructure.port.ts";

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
  const sizer = sizerByTags(tagsOf(inputs.tags));
  if (sizer !== undefined) return sizer;
  if (type !== "aws:autoscaling/group:Group" || inputs.mixedInstancesPolicy === undefined) return undefined;
  const weighted = JSON.stringify(inputs.mixedInstancesPolicy).includes("weightedCapacity");
  return weighted ? "its machines are weighted" : "it mixes types of machines";
}

/** Names of tags, in either form that providers have them: a list of `{ key }`, or an object. */
function tagsOf(tags: unknown): string[] {
  if (Array.isArray(tags)) return tags.flatMap((tag) => (typeof tag?.key === "string" ? [tag.key] : []));
  return typeof tags === "object" && tags !== null ? Object.keys(tags) : [];
}
