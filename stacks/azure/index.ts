import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { balancer } from "./balancer.ts";
import { network } from "./network.ts";
import { scaleSet } from "./scale-set.ts";

const config = new pulumi.Config();
const workload = config.get("workload") ?? "web";
const port = config.getNumber("port") ?? 8080;
const location = new pulumi.Config("azure-native").require("location");
const zones = config.getObject<string[]>("zones") ?? ["1", "2"];
const asked = capacity(workload);

const group = new ResourceGroup(workload, { location });
const place = { resourceGroupName: group.name, location };
const front = balancer(workload, place, group.id, port);
const { name } = scaleSet(workload, {
  place,
  zones,
  subnet: network(workload, place, port),
  front,
  utilisation: config.getNumber("utilisation") ?? 70,
  capacity: asked,
});

/** Outputs of the stack. */
export const outputs = { url: front.url, group: name };
