import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { autoscaler } from "./autoscaler.ts";
import { groupPath } from "./group-path.ts";

/*
 * Plan and bounds apart from what they scale, which is only named: the autoscaler of a regional managed instance group that anything else manages,
 * with a lock of its own and a role that may do nothing else.
 */
const config = new pulumi.Config();
const provider = new pulumi.Config("gcp");
const workload = config.get("workload") ?? "web";
const region = provider.require("region");
const group = groupPath(config.require("group"), { project: provider.require("project"), region });
const asked = capacity(workload);
if (asked.owns === "desired")
  throw new Error(
    `${asked.file}: ${workload}.owns: expected floor, since an autoscaler of Compute Engine has bounds and no count, found desired`,
  );
const { name } = autoscaler(workload, group, {
  region,
  utilisation: config.getNumber("utilisation") ?? 70,
  capacity: asked,
  // An autoscaler that is there already keeps its name when it is taken over.
  name: config.get("autoscaler"),
});

/** Outputs of the stack. */
export const outputs = { scales: group, autoscaler: name };
