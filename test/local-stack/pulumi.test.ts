import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findLeftovers } from "../../stacks/local/world/leftovers.ts";
import { clearPlace, makePlace, ROOT_NEEDED } from "./place.ts";

const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));
const PROJECT_FILES = ["Pulumi.yaml", "Pulumi.dev.yaml", "package.json", "model", "stacks", "capacity"];

/** Cached builds come first, then whatever the user has. */
function searchPath(): string {
  const cache = join(homedir(), ".cache", "foreshadow", "pulumi");
  const cached = existsSync(cache) ? readdirSync(cache).map((version) => join(cache, version, "bin")) : [];
  return [dirname(process.execPath), ...cached, process.env.PATH ?? ""].join(delimiter);
}

function missing(): string | false {
  if (ROOT_NEEDED) return ROOT_NEEDED;
  const found = ["pulumi", "pulumi-language-nodejs"].every((tool) =>
    searchPath()
      .split(delimiter)
      .some((path) => existsSync(join(path, tool))),
  );
  return found ? false : "no pulumi CLI on PATH or in ~/.cache/foreshadow";
}

test("a plain pulumi up bootstraps the stack; a refresh is empty; a change of the file is a property diff; destroy leaves nothing", {
  skip: missing(),
  timeout: 240_000,
}, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  const state = join(place.runRoot, "state");
  mkdirSync(state);
  const first = project(join(place.runRoot, "first"));
  const pulumi = (directory: string, ...args: string[]) => runPulumi(directory, place.runRoot, state, args);
  await pulumi(first, "stack", "init", "dev");
  assert.equal(
    readFileSync(join(first, "Pulumi.dev.yaml"), "utf8"),
    readFileSync(join(CHECKOUT, "Pulumi.dev.yaml"), "utf8"),
    "the checkout stays clean",
  );
  await pulumi(first, "config", "set", "pool", place.pool);
  const settings = readFileSync(join(first, "Pulumi.dev.yaml"), "utf8");

  await pulumi(first, "up", "--yes", "--skip-preview");
  const outputs = JSON.parse(await pulumi(first, "stack", "output", "--json"));
  assert.equal((await fetch(`${outputs.url}/work?cpu=1&disk=4096&bytes=10`)).status, 200);
  assert.match(await pulumi(first, "preview", "--refresh", "--diff"), /4 unchanged/);

  // The commit that is applied is checked out elsewhere and removed afterwards: the workers must not need it.
  rmSync(first, { recursive: true });
  const second = project(join(place.runRoot, "second"));
  writeFileSync(join(second, "Pulumi.dev.yaml"), settings);
  const file = join(second, "capacity", "dev.yaml");
  const capacity = readFileSync(file, "utf8");
  const [count, cpu] = [/count: (\d+)/, /cpu: ([\d.]+)/].map((pattern) => Number(pattern.exec(capacity)?.[1]));
  writeFileSync(file, capacity.replace(/count: \d+/, `count: ${count + 1}`).replace(/cpu: [\d.]+/, `cpu: ${cpu * 2}`));
  const preview = await pulumi(second, "preview", "--refresh", "--diff");
  assert.match(preview, new RegExp(`~ count: ${count} => ${count + 1}`));
  assert.match(preview, new RegExp(`~ cpu +: ${cpu} => ${cpu * 2}`));
  assert.match(preview, /1 to update\s+3 unchanged/);
  await pulumi(second, "up", "--yes", "--skip-preview");
  assert.match(await pulumi(second, "preview", "--refresh", "--diff"), /4 unchanged/);

  await pulumi(second, "destroy", "--yes", "--skip-preview");
  assert.deepEqual(await findLeftovers(place.runRoot), []);
});

test("a program whose engine has lost its lease changes nothing", { skip: missing(), timeout: 60_000 }, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  const state = join(place.runRoot, "state");
  mkdirSync(state);
  const directory = project(join(place.runRoot, "project"));
  const lease = join(place.runRoot, "lease");
  writeFileSync(lease, "of another");
  const environment = { FORESHADOW_LEASE_FILE: lease, FORESHADOW_LEASE_TOKEN: "ours" };
  await runPulumi(directory, place.runRoot, state, ["stack", "init", "dev"]);
  await runPulumi(directory, place.runRoot, state, ["config", "set", "pool", place.pool]);
  await assert.rejects(
    runPulumi(directory, place.runRoot, state, ["up", "--yes", "--skip-preview"], environment),
    /another engine has taken over/,
  );
  assert.equal(existsSync(place.runDirectory), false);
});

/** What a worktree of a commit has, with the dependencies linked. */
function project(directory: string): string {
  mkdirSync(directory);
  for (const name of PROJECT_FILES) cpSync(join(CHECKOUT, name), join(directory, name), { recursive: true });
  symlinkSync(join(CHECKOUT, "node_modules"), join(directory, "node_modules"));
  execFileSync("git", ["init", "-q"], { cwd: directory });
  return directory;
}

function runPulumi(
  cwd: string,
  runRoot: string,
  state: string,
  args: string[],
  more: NodeJS.ProcessEnv = {},
): Promise<string> {
  const env = {
    ...process.env,
    PATH: searchPath(),
    FORESHADOW_RUN_ROOT: runRoot,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...more,
  };
  const stack = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", "dev"];
  return new Promise((resolve, reject) => {
    execFile(
      "pulumi",
      [...args, ...stack, "--non-interactive", "--color", "never"],
      { cwd, env },
      (error, stdout, stderr) =>
        error ? reject(new Error(`pulumi ${args.join(" ")}\n${stdout}\n${stderr}`)) : resolve(stdout),
    );
  });
}
