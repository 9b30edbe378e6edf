import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { locatePulumi, pathFor } from "../../engine/infrastructure/pulumi-command.ts";
import { outlookOf } from "../../engine/review/changeset-outlook.ts";
import { pullRequestText, statusText } from "../../engine/review/pull-request-text.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import { createRehearsal } from "../../stacks/simulated/rehearsal.ts";
import { inWorld } from "../../stacks/simulated/world-file.ts";
import { openEngine } from "../change/engine.ts";
import { processesOf } from "../change/kills.ts";

/** Each stands for a secret of its kind; none may appear anywhere but where it was put. */
const CANARY = {
  passphrase: "canary-passphrase-1f0c",
  cloud: "canary/cloud+key-7d2e",
  token: "ghp_canaryToken93ab",
  webhook: "canary-webhook-44c1",
  config: "canary-config-a81b",
  url: "canary-url-password-5e",
} as const;

describe("secrets, wherever a stack on a simulated AWS has them", { timeout: 1_800_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-canaries-"));
  let root: string;
  let worldFile: string;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    const rehearsal = createRehearsal({
      cloud: "aws",
      directory,
      rules: { bootDelay: 1, latency: 0.2 },
      now: Date.now() / 1000,
    });
    ({ root, worldFile } = rehearsal);
    const pulumi = locatePulumi();
    env = {
      ...process.env,
      ...rehearsal.env,
      PATH: pathFor(pulumi),
      PULUMI_CONFIG_PASSPHRASE: CANARY.passphrase,
      AWS_SECRET_ACCESS_KEY: CANARY.cloud,
      FORESHADOW_GITHUB_TOKEN: CANARY.token,
      FORESHADOW_WEBHOOK_SECRET: CANARY.webhook,
    };
    const run = (...args: string[]) => promisify(execFile)(pulumi, [...args, "--non-interactive"], { cwd: root, env });
    // A passphrase of its own, a secret in the settings, in a resource's inputs and with it in its outputs.
    const settings = join(root, "Pulumi.dev.yaml");
    writeFileSync(settings, readFileSync(settings, "utf8").replace(/^encryptionsalt:.*\n/m, ""));
    appendFileSync(
      join(root, "index.mjs"),
      `import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
new aws.ec2.LaunchTemplate("web-secret", {
  instanceType: "m7i.large",
  userData: new pulumi.Config().requireSecret("canary"),
});
`,
    );
    await run("stack", "init", "dev");
    await run("config", "set", "--secret", "canary", CANARY.config, "--stack", "dev");
    await run("up", "--yes", "--skip-preview", "--stack", "dev");
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "--quiet", "-am", "Canaries"], {
      cwd: root,
    });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("appear in no record, log, commit, text, answer or argument, after a success, a refusal and failures", async () => {
    const { url: _, ...known } = CANARY;
    const said = Object.values(known).join(" ");
    const fault = (on: "read" | "update", times: number) =>
      inWorld(worldFile, Date.now() / 1000, ({ faults }) => {
        faults.push({
          on,
          type: "aws:autoscaling/group:Group",
          when: "before",
          message: `api error Denied: ${said} at https://me:${CANARY.url}@host.invalid/x?key=${encodeURIComponent(CANARY.cloud)}`,
          times,
        });
      });
    const seen = watchArguments(worldFile);
    const told: string[] = [];
    const engine = openEngine(
      { root, store: join(root, ".foreshadow"), env },
      {
        constraints: parseConstraints(
          "version: 1\navailability: { replicas: { max: 20 } }\nchange: { vertical: auto, irreversible: auto }\n",
          "c.yaml",
        ),
        onMessage: (message) => told.push(JSON.stringify(message)),
      },
    );
    const { manager, store, review } = engine;
    const change = async (floor: number): Promise<Changeset> => {
      const text = await review.read(await review.head(), "capacity/dev.yaml");
      const before = parseCapacity(text!, "dev.yaml").get("web") as Capacity;
      const { id } = await manager.propose({
        workload: "web",
        stack: { dir: ".", name: "dev" },
        after: { ...before, replicas: { floor, ceiling: Math.max(15, floor) } },
        reasons: [{ kind: "forecast", text: "demand rises" }],
        mode: "auto",
      });
      return manager.advance(id);
    };
    try {
      assert.equal((await change(3)).state, "done");
      assert.equal((await change(25)).state, "refused");
      await fault("read", 1);
      const failed = await change(4);
      assert.equal(failed.state, "failed");
      assert.match(failed.failure!.message, /Denied: .*\[secret\]/, "what is wrong is told, without the secrets");
      await fault("update", 1);
      await change(5);
      await manager.recover();
      const changesets = await manager.list();
      const everything = {
        ledger: JSON.stringify(await store.ledger()),
        changesets: JSON.stringify(changesets.map((one) => [one, outlookOf(one)])),
        requests: changesets.map((changeset) => requestOf(changeset, root)).join("\n"),
        told: told.join("\n"),
        arguments: seen().join("\n"),
        commits: execFileSync("git", ["log", "--all", "-p", "--format=%B"], { cwd: root, encoding: "utf8" }),
        ...files(join(root, ".foreshadow")),
      };
      assert.match(everything.ledger, /Denied/, "the failures are on record");
      assert.match(everything.requests, /Denied/, "and told where people review");
      assert.ok(seen().length > 10, "arguments of processes were looked at");
      const found = Object.entries(everything).flatMap(([place, text]) =>
        Object.entries(CANARY)
          .filter(([, secret]) => forms(secret).some((form) => text.includes(form)))
          .map(([kind]) => `${kind} in ${place}`),
      );
      assert.deepEqual(found, []);
    } finally {
      store.close();
    }
  });
});

/** What a pull request of a changeset would say: title, body and comment. */
function requestOf(changeset: Changeset, cwd: string): string {
  const { commit } = changeset;
  const diff =
    commit === undefined ? "" : execFileSync("git", ["show", "--format=", commit], { cwd, encoding: "utf8" });
  const { title, body } = pullRequestText("dev", [
    { changeset, outlook: outlookOf(changeset), diff, expiresAt: changeset.createdAt + 3600 },
  ]);
  return [title, body, statusText([changeset], [])].join("\n");
}

/** A secret as it is, and as it stands in an address and in base 64. */
function forms(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
}

/** Every file below a directory, by its path. */
function files(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes("node-cache"),
  );
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), "latin1")]),
  );
}

/** The arguments of all processes of a world, looked at over and over. @returns ends the watch, and gives what was seen */
function watchArguments(world: string): () => string[] {
  const seen = new Set<string>();
  const ground = { mark: WORLD_VARIABLE, env: { [WORLD_VARIABLE]: world } };
  const timer = setInterval(() => {
    for (const found of processesOf(ground)) seen.add(found.arguments.replaceAll("\0", " "));
  }, 50).unref();
  return () => {
    clearInterval(timer);
    return [...seen];
  };
}
