import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { groupPlan } from "./group-plan.ts";
import { refuseOtherSizer } from "./other-sizer.ts";
import { servicePlan } from "./service-plan.ts";

/*
 * The plan and, where they are resources of their own, the bounds, apart from what they scale: beside infrastructure that anything else manages, with
 * a lock of its own and a role that may do nothing else. What is scaled is only named.
 */
const config = new pulumi.Config();
const workload = config.get("workload") ?? "web";
const [group, service] = [config.get("group"), config.get("service")];
if ((group === undefined) === (service === undefined))
  throw new Error(
    "expected foreshadow:group, the name of an Auto Scaling group, or foreshadow:service, service/CLUSTER/SERVICE",
  );
const asked = capacity(workload);
if (group !== undefined) {
  await refuseOtherSizer(group);
  groupPlan(workload, group, asked);
} else servicePlan(workload, service!, config.getNumber("utilisation") ?? 70, asked);

/** Outputs of the stack. */
export const outputs = { scales: group ?? service };
