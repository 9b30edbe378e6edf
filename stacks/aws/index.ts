import * as pulumi from "@pulumi/pulumi";
import { capacity } from "../capacity.ts";
import { balancer } from "./balancer.ts";
import { containerService } from "./container-service.ts";
import { instanceGroup } from "./instance-group.ts";
import { network } from "./network.ts";

/** What runs the workload: machines of an Auto Scaling group, or containers of an ECS service. */
const RUNS = ["machines", "containers"] as const;

const config = new pulumi.Config();
const workload = config.get("workload") ?? "web";
const runs = config.get("runs") ?? RUNS[0];
if (!(RUNS as readonly string[]).includes(runs))
  throw new Error(`foreshadow:runs: expected ${RUNS.join(" or ")}, found ${runs}`);
const port = config.getNumber("port") ?? 8080;
const region = new pulumi.Config("aws").require("region");
const zones = (config.getObject<string[]>("zones") ?? ["a", "b"]).map((zone) => `${region}${zone}`);
const asked = capacity(workload);

const place = network(workload, zones, port);
const front = balancer(workload, place, port, runs === "containers" ? "ip" : "instance", asked.network.bandwidth);
const common = {
  network: place,
  targetGroup: front.targetGroup,
  utilisation: config.getNumber("utilisation") ?? 70,
  capacity: asked,
};
const scaled =
  runs === "containers" ? containerService(workload, { ...common, port }) : instanceGroup(workload, common);

/** Outputs of the stack. */
export const outputs = { url: front.url, [runs === "containers" ? "service" : "group"]: scaled.name };
