import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Proposal } from "../../engine/orchestrator/change/intent.ts";
import { deployRehearsal } from "../../engine/replay/deploy-rehearsal.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import type { Cloud, RehearsalOptions } from "../../stacks/simulated/rehearsal.ts";
import type { World, WorldRules } from "../../stacks/simulated/world.ts";
import { inWorld } from "../../stacks/simulated/world-file.ts";
import { openEngine } from "../change/engine.ts";

/** When a test begins in the simulated world: its time is the test's, so that a busy machine is not late. */
const START = Date.parse("2026-03-02T06:00Z") / 1000;

export type Place = Awaited<ReturnType<typeof deploy>>;

/** A project on a simulated cloud, deployed by a plain `pulumi up`. */
export async function deploy(
  cloud: Cloud,
  rules: Partial<WorldRules>,
  begin: Pick<RehearsalOptions, "settings" | "capacity" | "groups" | "files"> = {},
) {
  const directory = mkdtempSync(join(tmpdir(), `foreshadow-${cloud}-`));
  const stack = await deployRehearsal({ cloud, directory, rules, ...begin, now: START });
  const { root, group, env, now, pass, pulumi } = stack;
  const world = <T>(action: (world: World) => T) => inWorld(stack.worldFile, now(), action);
  const capacity = async () =>
    parseCapacity(await stack.run("git", "show", "main:capacity/dev.yaml"), "dev.yaml").get("web")!;
  const engine = (options: Parameters<typeof openEngine>[1] = {}) =>
    openEngine(
      { root, store: join(root, ".foreshadow"), env },
      {
        status: stack.waiting(10),
        clock: { now, monotonic: now },
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
    now,
    git: async (...args: string[]) =>
      (await stack.run("git", "-c", "user.name=Tester", "-c", "user.email=tester@localhost", ...args)).trim(),
    pulumi,
    up: () => pulumi("up", "--yes", "--skip-preview", "--stack", "dev"),
    preview: () => pulumi("preview", "--refresh", "--diff", "--stack", "dev", "--color", "never"),
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
    /** What holds the replicas now. */
    async pins() {
      const { store } = engine();
      try {
        return await store.pins(now());
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
      for (const deadline = now() + seconds; ; pass(Math.max(1, Math.floor(seconds / 60)))) {
        if (await world(holds)) return;
        if (now() > deadline)
          throw new Error(
            `expected ${what} within ${seconds} s, found ${JSON.stringify(await world(({ groups }) => groups))}`,
          );
      }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
