import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { balancer } from "./balancer.ts";
import { instanceGroup } from "./instance-group.ts";
import { network } from "./network.ts";

const config = new pulumi.Config();
const provider = new pulumi.Config("gcp");
const workload = config.get("workload") ?? "web";
const port = config.getNumber("port") ?? 8080;
const region = provider.require("region");
const zones = (config.getObject<string[]>("zones") ?? ["a", "b"]).map((zone) => `${region}-${zone}`);

const place = network(workload, region, port);
const group = instanceGroup(workload, {
  network: place,
  project: provider.require("project"),
  region,
  zones,
  port,
  utilisation: config.getNumber("utilisation") ?? 70,
  capacity: capacity(workload),
});
const front = balancer(workload, group.instanceGroup, port);

/** Outputs of the stack. */
export const outputs = { url: front.url, group: group.name };
