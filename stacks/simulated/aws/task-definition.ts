import type { ResourceRules } from "../resource-rules.port.ts";
import { nextId } from "../world.ts";
import { arn } from "./aws-error.ts";

/** Memory in MiB that goes with CPU units on Fargate (Amazon ECS Developer Guide, task size): least, most, step. */
const GRID: Record<string, readonly [least: number, most: number, step: number]> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16384: [32_768, 122_880, 8192],
};

/** `aws:ecs/taskDefinition:TaskDefinition` for Fargate: no revision ever changes, another one is made. */
export const taskDefinition: ResourceRules = {
  replaces: ["family", "cpu", "memory", "containerDefinitions", "executionRoleArn", "networkMode"],
  createFirst: true,

  check({ cpu, memory }) {
    const fits = GRID[String(cpu)];
    if (fits === undefined)
      return [{ property: "cpu", reason: `expected one of ${Object.keys(GRID).join(", ")}, found ${cpu}` }];
    const [least, most, step] = fits;
    const asked = Number(memory);
    return asked >= least && asked <= most && (asked % step === 0 || (cpu === "256" && asked === 512))
      ? []
      : [
          {
            property: "memory",
            reason: `expected ${least} to ${most} in steps of ${step} with cpu ${cpu}, found ${memory}`,
          },
        ];
  },

  create({ world }, inputs) {
    const revision = nextId(world, "revision");
    const id = arn("ecs", `task-definition/${inputs.family}:${revision}`);
    return { id, outputs: { ...inputs, arn: id, revision: world.serial } };
  },
};
