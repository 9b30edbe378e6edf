import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { atTime, createRehearsal, type Rehearsal, type RehearsalOptions } from "../../stacks/simulated/rehearsal.ts";
import { inService } from "../../stacks/simulated/scaled-group.ts";
import type { World } from "../../stacks/simulated/world.ts";
import { worldAt } from "../../stacks/simulated/world-file.ts";
import { locatePulumi, pathFor } from "../infrastructure/pulumi-command.ts";
import type { TargetStatus, TargetStatusPort } from "../orchestrator/target-status.port.ts";

/** A rehearsed project that has been brought up, and the time that it is in it. */
export interface DeployedRehearsal extends Omit<Rehearsal, "env"> {
  /** Environment of Pulumi and of an engine; it always says what time it is. */
  readonly env: NodeJS.ProcessEnv;
  /** What is scaled, by its name in the world. */
  readonly group: string;
  /** Epoch seconds. */
  now(): number;
  pass(seconds: number): void;
  /** A program in the repository's directory; its standard output. @throws Error when it fails */
  run(program: string, ...args: string[]): Promise<string>;
  pulumi(...args: string[]): Promise<string>;
  /** The world as it is by now. What is done to it changes nothing. */
  world(): World;
  /** Machines of the group that serve now. */
  status(): TargetStatus;
  /** The same for those who wait for machines: each time they look, so many seconds have passed. */
  waiting(seconds: number): TargetStatusPort;
}

/** Makes a rehearsal's project and brings its stack `dev` up with a plain `pulumi up`. */
export async function deployRehearsal(options: RehearsalOptions): Promise<DeployedRehearsal> {
  const { env: own, ...rehearsal } = createRehearsal(options);
  const pulumi = locatePulumi();
  let { now } = options;
  const env: NodeJS.ProcessEnv = { ...process.env, ...own, ...atTime(now), PATH: pathFor(pulumi) };
  const run = async (program: string, ...args: string[]) =>
    (await promisify(execFile)(program, args, { cwd: rehearsal.root, env })).stdout;
  const world = () => worldAt(rehearsal.worldFile, now);
  await run(pulumi, "stack", "init", "dev", "--non-interactive");
  await run(pulumi, "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive");
  const [group] = Object.keys(world().groups);
  const deployed: DeployedRehearsal = {
    ...rehearsal,
    env,
    group,
    now: () => now,
    pass(seconds) {
      now += seconds;
      Object.assign(env, atTime(now));
    },
    run,
    pulumi: (...args) => run(pulumi, ...args, "--non-interactive"),
    world,
    status: () => ({
      ready: inService(world().groups[group], now),
      warming: 0,
      warmingPids: [],
      at: now,
    }),
    waiting: (seconds) => ({
      read: () => {
        deployed.pass(seconds);
        return deployed.status();
      },
    }),
  };
  return deployed;
}
