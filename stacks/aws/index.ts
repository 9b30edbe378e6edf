import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { balancer } from "./balancer.ts";
import { instanceGroup } from "./instance-group.ts";
import { network } from "./network.ts";

const config = new pulumi.Config();
const workload = config.get("workload") ?? "web";
const port = config.getNumber("port") ?? 8080;
const region = new pulumi.Config("aws").require("region");
const zones = (config.getObject<string[]>("zones") ?? ["a", "b"]).map((zone) => `${region}${zone}`);
const asked = capacity(workload);

const place = network(workload, zones, port);
const front = balancer(workload, place, port, "instance", asked.network.bandwidth);
const group = instanceGroup(workload, {
  network: place,
  targetGroup: front.targetGroup,
  utilisation: config.getNumber("utilisation") ?? 70,
  capacity: asked,
});

/** Outputs of the stack. */
export const outputs = { url: front.url, group: group.name };
