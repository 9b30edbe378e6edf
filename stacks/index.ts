import * as pulumi from "@pulumi/pulumi";

/** The program of each target. Only the one that is asked for is loaded: with it comes an SDK of many megabytes. */
const TARGETS: Record<string, () => Promise<{ outputs: Record<string, unknown> }>> = {
  local: () => import("./local/index.ts"),
  aws: () => import("./aws/index.ts"),
  gcp: () => import("./gcp/index.ts"),
  azure: () => import("./azure/index.ts"),
  "aws-capacity": () => import("./aws/capacity-stack.ts"),
  "gcp-capacity": () => import("./gcp/capacity-stack.ts"),
  "azure-capacity": () => import("./azure/capacity-stack.ts"),
};

const target = new pulumi.Config().get("target") ?? "local";
const load = TARGETS[target];
if (load === undefined) throw new Error(`target: expected ${Object.keys(TARGETS).join(" or ")}, found ${target}`);

export default (await load()).outputs;
