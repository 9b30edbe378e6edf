import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fencedBlocks } from "../../scripts/documents.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TUTORIAL = join(ROOT, "docs", "tutorial.md");
const MINUTES = 60_000;

/** The tutorial's shell, as a reader would type it into one terminal, and a line after each block that tells that it was reached. */
function script(): string {
  const blocks = fencedBlocks(readFileSync(TUTORIAL, "utf8")).filter(({ language }) => language === "sh");
  const typed = blocks.map(({ body }, i) => `${body}\necho "block ${i + 1} of ${blocks.length}"`);
  // The packages of this checkout stand in for their installation.
  return ["shopt -s expand_aliases", "set -m", ...typed]
    .join("\n")
    .replace(/^cd first-change$/m, `cd first-change && ln -s '${join(ROOT, "node_modules")}' node_modules`);
}

function run(text: string, cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, FORESHADOW_REPOSITORY: ROOT, GIT_CONFIG_COUNT: "2" } as NodeJS.ProcessEnv;
    Object.assign(env, { GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "reader" });
    Object.assign(env, { GIT_CONFIG_KEY_1: "user.email", GIT_CONFIG_VALUE_1: "reader@localhost" });
    const shell = spawn("bash", ["-e"], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    for (const stream of [shell.stdout, shell.stderr])
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
      });
    shell.on("error", reject);
    shell.on("close", (code) =>
      code === 0 ? resolve(said) : reject(new Error(`ended with ${code}\n${said.slice(-4000)}`)),
    );
    shell.stdin.end(text);
  });
}

test("what the tutorial tells to type does what it tells", { timeout: 15 * MINUTES }, async (t) => {
  const place = mkdtempSync(join(tmpdir(), "foreshadow-tutorial-"));
  const clone = join(place, "first-change");
  t.after(() => {
    const env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${clone}/.foreshadow/state`,
      PULUMI_CONFIG_PASSPHRASE: "",
    };
    spawnSync("npm", ["run", "down"], { cwd: clone, env });
    rmSync(place, { recursive: true, force: true });
  });
  const said = await run(script(), place);
  const subjects = spawnSync("git", ["log", "--format=%s", "-3"], { cwd: clone, encoding: "utf8" }).stdout;
  assert.match(subjects, /^web: take back replicas 3 → 2\nweb: replicas 2 → 3\nLet the engine act\n/);
  assert.match(readFileSync(join(clone, "capacity", "dev.yaml"), "utf8"), /count: 2/);
  assert.match(said, /ready 3 of 3/);
  assert.match(said, /entries, valid/);
  const [, reached, all] = [...said.matchAll(/block (\d+) of (\d+)/g)].at(-1)!;
  assert.equal(reached, all);
  assert.deepEqual(processesIn(clone), [], "agent and engine have ended");
});

/** Command lines of the processes that work in a directory. */
function processesIn(directory: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const there = /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(directory);
      return there ? [readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}
