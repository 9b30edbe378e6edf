import * as aws from "@pulumi/aws";
import { sizerByTags } from "../../model/other-sizer.ts";

/**
 * Refuses an Auto Scaling group that something else sizes, or whose machines are not alike, before a plan is laid on it. The group is nobody's here:
 * it is read where it is.
 *
 * @throws Error that names who sizes it, or the cloud's where there is no such group
 */
export async function refuseOtherSizer(name: string): Promise<void> {
  const { tags, mixedInstancesPolicies } = await aws.autoscaling.getGroup({ name });
  const why =
    sizerByTags(tags.map(({ key }) => key)) ??
    (mixedInstancesPolicies.length > 0
      ? "it mixes types of machines, and a count says nothing of its capacity"
      : undefined);
  if (why !== undefined) throw new Error(`foreshadow:group: ${name} is not scaled here: ${why}; name another group`);
}
