import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { locatePulumi, pathFor } from "../../engine/infrastructure/pulumi-command.ts";
import { readStatusFile } from "../../engine/infrastructure/status-file.ts";
import type { Proposal } from "../../engine/orchestrator/change/intent.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { atTime, type Cloud, createRehearsal, type RehearsalOptions } from "../../stacks/simulated/rehearsal.ts";
import type { World, WorldRules } from "../../stacks/simulated/world.ts";
import { inWorld, statusFileOf } from "../../stacks/simulated/world-file.ts";
import { openEngine } from "../change/engine.ts";

const run = promisify(execFile);
/** When a test begins in the simulated world: its time is the test's, so that a busy machine is not late. */
const START = Date.parse("2026-03-02T06:00Z") / 1000;

export type Place = Awaited<ReturnType<typeof deploy>>;

/** A project on a simulated cloud, deployed by a plain `pulumi up`. */
export async function deploy(
  cloud: Cloud,
  rules: Partial<WorldRules>,
  begin: Pick<RehearsalOptions, "settings" | "capacity"> = {},
) {
  let now = START;
  const directory = mkdtempSync(join(tmpdir(), `foreshadow-${cloud}-`));
  const { root, worldFile, env: more } = createRehearsal({ cloud, directory, rules, ...begin, now });
  const pulumi = locatePulumi();
  const env: NodeJS.ProcessEnv = { ...process.env, ...more, ...atTime(now), PATH: pathFor(pulumi) };
  const command = async (tool: string, ...args: string[]) => (await run(tool, args, { cwd: root, env })).stdout;
  const world = <T>(action: (world: World) => T) => inWorld(worldFile, now, action);
  const pass = (seconds: number) => {
    now += seconds;
    Object.assign(env, atTime(now));
  };
  await command(pulumi, "stack", "init", "dev", "--non-interactive");
  await command(pulumi, "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive");
  const [group] = Object.keys(await world(({ groups }) => groups));
  const statusFile = statusFileOf(worldFile, group);
  const capacity = async () =>
    parseCapacity(await command("git", "show", "main:capacity/dev.yaml"), "dev.yaml").get("web")!;
  const engine = (options: Parameters<typeof openEngine>[1] = {}) =>
    openEngine(
      { root, store: join(root, ".foreshadow"), env },
      {
        // Waiting for machines is what time passes by.
        status: {
          read: () => {
            pass(10);
            void world(() => {});
            return readStatusFile(statusFile);
          },
        },
        clock: { now: () => now, monotonic: () => now },
        limits: { verifyDeadline: 120, verifyInterval: 0.05 },
        ...options,
      },
    );
  const proposal = async (edit: (capacity: Capacity) => Capacity): Promise<Proposal> => ({
    workload: "web",
    stack: { dir: ".", name: "dev" },
    after: edit(await capacity()),
    reasons: [{ kind: "forecast", text: "demand rises" }],
    mode: "auto",
  });
  return {
    root,
    group,
    now: () => now,
    git: async (...args: string[]) =>
      (await command("git", "-c", "user.name=Tester", "-c", "user.email=tester@localhost", ...args)).trim(),
    pulumi: (...args: string[]) => command(pulumi, ...args, "--non-interactive"),
    up: () => command(pulumi, "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive"),
    preview: () =>
      command(pulumi, "preview", "--refresh", "--diff", "--stack", "dev", "--non-interactive", "--color", "never"),
    world,
    /** What the branch asks for. */
    capacity,
    engine,
    proposal,
    /** One automatic change, by an engine that is there for no longer. */
    async change(
      edit: (capacity: Capacity) => Capacity,
      options: Parameters<typeof openEngine>[1] = {},
    ): Promise<Changeset> {
      const { manager, store } = engine(options);
      try {
        const { id } = await manager.propose(await proposal(edit));
        return await manager.advance(id);
      } finally {
        store.close();
      }
    },
    async rollBack({ id }: Changeset): Promise<Changeset> {
      const { manager, store } = engine();
      try {
        return await manager.advance((await manager.rollback(id, "a person")).id);
      } finally {
        store.close();
      }
    },
    /** Lets the cloud live, with nothing else running, until it is as it should be. */
    async until(what: string, seconds: number, holds: (world: World) => boolean): Promise<void> {
      for (const deadline = now + seconds; ; pass(Math.max(1, Math.floor(seconds / 60)))) {
        if (await world(holds)) return;
        if (now > deadline)
          throw new Error(
            `expected ${what} within ${seconds} s, found ${JSON.stringify(await world(({ groups }) => groups))}`,
          );
      }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
