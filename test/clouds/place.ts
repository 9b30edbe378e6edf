import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { locatePulumi, pathFor } from "../../engine/infrastructure/pulumi-command.ts";
import { statusFiles } from "../../engine/infrastructure/status-file.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import { type Cloud, createRehearsal } from "../../stacks/simulated/rehearsal.ts";
import type { World, WorldRules } from "../../stacks/simulated/world.ts";
import { inWorld, statusFileOf } from "../../stacks/simulated/world-file.ts";
import { openEngine } from "../change/engine.ts";

const run = promisify(execFile);

export type Place = Awaited<ReturnType<typeof deploy>>;

/** A project on a simulated cloud, deployed by a plain `pulumi up`. */
export async function deploy(cloud: Cloud, group: string, rules: Partial<WorldRules>) {
  const directory = mkdtempSync(join(tmpdir(), `foreshadow-${cloud}-`));
  const { root, worldFile, env: more } = createRehearsal({ cloud, directory, rules, now: Date.now() / 1000 });
  const pulumi = locatePulumi();
  const env = { ...process.env, ...more, PATH: pathFor(pulumi) };
  const command = async (tool: string, ...args: string[]) => (await run(tool, args, { cwd: root, env })).stdout;
  await command(pulumi, "stack", "init", "dev", "--non-interactive");
  await command(pulumi, "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive");
  const world = <T>(action: (world: World) => T) => inWorld(worldFile, Date.now() / 1000, action);
  return {
    root,
    group,
    git: async (...args: string[]) =>
      (await command("git", "-c", "user.name=Tester", "-c", "user.email=tester@localhost", ...args)).trim(),
    up: () => command(pulumi, "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive"),
    preview: () =>
      command(pulumi, "preview", "--refresh", "--diff", "--stack", "dev", "--non-interactive", "--color", "never"),
    world,
    /** What the branch asks for. */
    async capacity(): Promise<Capacity> {
      return parseCapacity(await command("git", "show", "main:capacity/dev.yaml"), "dev.yaml").get("web")!;
    },
    engine: (options: Parameters<typeof openEngine>[1] = {}) =>
      openEngine(
        { root, store: join(root, ".foreshadow"), env },
        { status: statusFiles(new Map([["web", statusFileOf(worldFile, group)]])), ...options },
      ),
    /** Waits until the world is as it should be, in its own time. */
    async until(what: string, seconds: number, holds: (world: World) => boolean): Promise<void> {
      for (const deadline = performance.now() + seconds * 1000; ; ) {
        if (await world(holds)) return;
        if (performance.now() > deadline)
          throw new Error(
            `expected ${what} within ${seconds} s, found ${JSON.stringify(await world(({ groups }) => groups))}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
