import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { autoscaler } from "./autoscaler.ts";
import { resourceGroupOf } from "./scale-set-id.ts";

/*
 * Plan and bounds apart from what they scale, which is only named: the autoscale setting of a virtual machine scale set that anything else manages,
 * with a lock of its own and a role that may do nothing else.
 */
const config = new pulumi.Config();
const workload = config.get("workload") ?? "web";
const scales = config.require("group");
const place = {
  resourceGroupName: resourceGroupOf(scales),
  location: new pulumi.Config("azure-native").require("location"),
};
const { name } = autoscaler(workload, place, scales, {
  utilisation: config.getNumber("utilisation") ?? 70,
  capacity: capacity(workload),
  // A setting that is there already keeps its name when it is taken over.
  name: config.get("autoscaler"),
});

/** Outputs of the stack. */
export const outputs = { scales, autoscaler: name };
