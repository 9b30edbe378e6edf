import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { locatePulumi, pathFor } from "../../engine/infrastructure/pulumi-command.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import { WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import { createRehearsal } from "../../stacks/simulated/rehearsal.ts";
import type { World } from "../../stacks/simulated/world.ts";
import { worldAt } from "../../stacks/simulated/world-file.ts";
import type { Ground, Kill } from "../change/kills.ts";
import { assertSettled, throughKills } from "../change/surviving.ts";

/** What the stack's Auto Scaling group is called. */
export const GROUP = "web-simulated";
const GIBI = 1024 ** 3;

/** A stack on a simulated AWS whose time is the machine's, so that engines, Pulumi and the cloud may die and go on independently. */
export interface KillGround extends Ground {
  world(): World;
  pulumi(...args: string[]): Promise<string>;
  remove(): void;
}

/** A change of everything at once: bounds of the group, a scheduled action, disks. */
export interface Wanted {
  readonly floor: number;
  /** Epoch seconds of the plan's one step, to a floor one higher. */
  readonly at: number;
  readonly gibibytes: number;
}

/** What a capacity file asks for with the wanted in place. */
export function wantedOf(text: string, { floor, at, gibibytes }: Wanted): Capacity {
  const capacity = parseCapacity(text, "dev.yaml").get("web")!;
  return {
    ...capacity,
    replicas: { floor, ceiling: 900 },
    plan: [{ at, floor: floor + 1 }],
    storage: { ...capacity.storage, size: gibibytes * GIBI },
  };
}

/** Brings the stack up. Each call that changes something takes so many seconds. */
export async function createKillGround(latency: number): Promise<KillGround> {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-kills-"));
  const {
    root,
    worldFile,
    env: own,
  } = createRehearsal({
    cloud: "aws",
    directory,
    rules: { bootDelay: 1, diskModificationGap: 0, latency },
    now: Date.now() / 1000,
  });
  const binary = locatePulumi();
  const env: NodeJS.ProcessEnv = { ...process.env, ...own, PATH: pathFor(binary) };
  const pulumi = async (...args: string[]) =>
    (await promisify(execFile)(binary, [...args, "--stack", "dev", "--non-interactive"], { cwd: root, env })).stdout;
  await promisify(execFile)(binary, ["stack", "init", "dev", "--non-interactive"], { cwd: root, env });
  await pulumi("up", "--yes", "--skip-preview");
  return {
    root,
    store: join(root, ".foreshadow"),
    env,
    mark: WORLD_VARIABLE,
    engine: [join(dirname(fileURLToPath(import.meta.url)), "engine-process.ts"), directory],
    provider: "simulated/aws/main.",
    git: (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trimEnd(),
    locks: () => filesBelow(join(directory, "state", ".pulumi", "locks")),
    world: () => worldAt(worldFile, Date.now() / 1000),
    pulumi,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/**
 * Carries one change out through a number of kills: afterwards git, state and cloud say the same, and each resource was changed once. A scheduled
 * action whose creation was cut short is put once more, which by its name makes no second one.
 *
 * @returns the kills that came about
 */
export async function surviveOnCloud(ground: KillGround, wanted: Wanted, kills: readonly Kill[]): Promise<Kill[]> {
  const before = ground.world();
  const { floor, at, gibibytes } = wanted;
  const figures = [floor, at, gibibytes].map(String);
  const { delivered, story } = await throughKills(ground, ["propose", ...figures], kills);
  const text = ground.git("show", "main:capacity/dev.yaml");
  assert.deepEqual(await assertSettled(ground, story), wantedOf(text, wanted), "git asks for what is wanted");
  const { groups, resources, calls } = ground.world();
  const { min, max, schedules } = groups[GROUP];
  assert.deepEqual(
    [min, max, schedules.map((step) => [step.at, step.min])],
    [floor, 900, [[at, floor + 1]]],
    `the cloud has what git asks for\n${story}`,
  );
  const disks = Object.entries(resources).filter(([, { type }]) => type === "aws:ebs/volume:Volume");
  assert.deepEqual([...new Set(disks.map(([, { inputs }]) => inputs.size))], [gibibytes], story);
  const since = calls.slice(before.calls.length);
  const grown = disks.filter(([id]) => before.resources[id].inputs.size !== gibibytes).map(([id]) => id);
  for (const id of [GROUP, ...grown])
    assert.equal(
      since.filter((call) => call.on === "update" && call.id === id).length,
      1,
      `${id} was changed once\n${JSON.stringify(since, undefined, 1)}\n${story}`,
    );
  const lasting = (world: World) =>
    Object.keys(world.resources).filter((id) => !world.resources[id].type.endsWith(":Schedule"));
  assert.deepEqual(lasting(ground.world()), lasting(before), "nothing is left over");
  assert.match(await ground.pulumi("preview", "--refresh", "--expect-no-changes"), /unchanged/);
  return delivered;
}

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
