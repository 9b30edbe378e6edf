import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectEngine } from "../../engine/api/client.ts";
import { verifyLedger } from "../../engine/ledger/verify-ledger.ts";
import { openRecords } from "../../engine/open-records.ts";
import { loadProject } from "../../engine/project-files.ts";
import { createFileWorld, type FileWorld } from "../change/file-world.ts";

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Seconds of the lease; who takes over waits a quarter longer. */
const LEASE = 20;

describe("two daemons with stores of their own on one stack", { timeout: 3_600_000 }, () => {
  let world: FileWorld;
  const daemons: Daemon[] = [];
  before(async () => {
    world = await createFileWorld();
    writeFileSync(join(world.root, ".git", "info", "exclude"), ".foreshadow-*\n*.foreshadow.yaml\nweb.yaml\n");
    writeFileSync(join(world.root, "web.yaml"), "version: 1\nchange: { vertical: auto, irreversible: auto }\n");
  });
  after(() => {
    for (const { process: child } of daemons) if (child.exitCode === null) child.kill("SIGKILL");
    world?.remove();
  });
  const start = async (name: string) => {
    const daemon = await startDaemon(world, name);
    daemons.push(daemon);
    return daemon;
  };
  /** Applies of so many replicas that have reached the world. */
  const applied = (replicas: number) =>
    world.writes().filter((line) => line.startsWith("update web {") && line.includes(`"replicas":${replicas}`)).length;
  const reach = (replicas: number, what: string) =>
    until(
      `${what}: ${replicas} replicas`,
      () => world.resource("web")?.replicas === replicas,
      () => daemons.map(({ said }) => said()).join("\n---\n"),
    );

  it("one acts; one that is frozen or killed is followed by the other; nothing is written late or twice", async () => {
    const a = await start("a");
    await until("the lease", () => /this engine has the shared lease/.test(a.said()), a.said);
    const b = await start("b");
    await until("a second engine that watches", () => /this engine only watches/.test(b.said()), b.said);

    // Both want the same: only one makes it so.
    await Promise.all([a.pin(4), b.pin(4)]);
    await reach(4, "one of two acts");

    // Frozen while it is at a change: it has not asked for the apply yet, or its Pulumi goes on without it.
    await a.pin(6);
    await until("a change under way", () => /cs-\S+ (approved|applying)/.test(a.since("pinned 6")), a.said);
    a.process.kill("SIGSTOP");
    await b.pin(8);
    await reach(8, "the other takes over from a frozen one");
    a.process.kill("SIGCONT");
    await until("the frozen one to find out", () => /has passed to|only watches/.test(a.since("pinned 6")), a.said);
    await sleep(2 * LEASE * 1000);
    assert.equal(world.resource("web")?.replicas, 8, "what comes back late changes nothing");

    b.process.kill("SIGKILL");
    await a.pin(9);
    await reach(9, "the first takes over from a killed one");
    a.process.kill("SIGTERM");
    await a.ended;

    for (const replicas of [4, 8, 9]) assert.equal(applied(replicas), 1, `${replicas}\n${world.writes().join("\n")}`);
    assert.ok(applied(6) <= 1, "a change that was frozen came about once, or not at all");
    assert.match(world.git("show", "main:capacity/dev.yaml"), /count: 9/);
    assert.deepEqual(world.locks(), []);
    assert.match(await world.pulumi("preview", "--refresh", "--stack", "dev"), /unchanged/);
    for (const daemon of [a, b]) {
      const records = openRecords(loadProject(daemon.file));
      const problems = verifyLedger(await records.ledger(), {
        head: await records.storedHead(),
        publicKey: records.publicKey(),
        anchors: [],
      }).problems;
      records.close();
      assert.deepEqual(problems, []);
    }
  });
});

interface Daemon {
  readonly file: string;
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  said(): string;
  /** What was said since a marked moment. */
  since(mark: string): string;
  pin(replicas: number): Promise<void>;
}

async function startDaemon(world: FileWorld, name: string): Promise<Daemon> {
  const file = join(world.root, `${name}.foreshadow.yaml`);
  writeFileSync(
    file,
    `version: 1
store: sqlite:.foreshadow-${name}
schedule: "*/2 * * * * *"
step: 2s
intake: { listen: "127.0.0.1:0" }
engines: { remote: ".", lease: ${LEASE}s }
workloads:
  - { name: web, select: { cgroup: /web }, stack: { dir: ".", name: dev }, constraints: web.yaml, mode: auto }
`,
  );
  const child = spawn(process.execPath, [join(repository, "bin", "foreshadow.cjs"), "--project", file, "run"], {
    cwd: world.root,
    env: { ...world.env, FILEWORLD_DELAY: "300" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk;
    });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await until(
    `${name} to be ready`,
    () => said.includes("engine ready"),
    () => said,
  );
  const { store } = loadProject(file);
  return {
    file,
    process: child,
    ended,
    said: () => said,
    since: (mark) => said.slice(said.lastIndexOf(mark)),
    async pin(replicas) {
      const engine = await connectEngine(store);
      said += `\npinned ${replicas}\n`;
      await engine?.pin({ workload: "web", min: replicas, until: Date.now() / 1000 + 3600, by: "the test" });
    },
  };
}

async function until(what: string, holds: () => boolean, story: () => string): Promise<void> {
  for (let waited = 0; !holds(); waited++) {
    if (waited > 6000) assert.fail(`expected ${what} within 600 s:\n${story()}`);
    await sleep(100);
  }
}
