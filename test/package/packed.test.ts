import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The Node that the package is run by: FORESHADOW_TEST_NODE, to try another one than the tests'. */
const NODE = process.env.FORESHADOW_TEST_NODE || process.execPath;
const app = mkdtempSync(join(tmpdir(), "foreshadow-packed-"));
const foreshadow = join(app, "node_modules", "foreshadow", "bin", "foreshadow.cjs");
after(() => rmSync(app, { recursive: true, force: true }));

/** Packs, and unpacks the package as an installation elsewhere would: its dependencies are the ones of this checkout. */
before(() => {
  execFileSync(process.execPath, [join(ROOT, "scripts", "build.ts")], { stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", app], {
    cwd: ROOT,
    stdio: "ignore",
  });
  const modules = join(app, "node_modules");
  mkdirSync(join(modules, "foreshadow"), { recursive: true });
  const [tarball] = readdirSync(app).filter((name) => name.endsWith(".tgz"));
  execFileSync("tar", ["-xzf", join(app, tarball), "--strip-components=1", "-C", join(modules, "foreshadow")]);
  for (const name of readdirSync(join(ROOT, "node_modules")))
    if (!name.startsWith(".")) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
});

function run(...args: string[]): string {
  return execFileSync(NODE, [foreshadow, ...args], { cwd: app, encoding: "utf8" });
}

test("the package runs elsewhere: doctor looks at the machine", () => {
  const { findings } = JSON.parse(run("doctor", "--json")) as { findings: { what: string; state: string }[] };
  assert.equal(findings.find(({ what }) => what === "foreshadow")?.state, "ok");
});

test("a program in Pulumi's default CommonJS template resolves foreshadow/capacity and its types", () => {
  writeFileSync(join(app, "index.js"), 'process.stdout.write(typeof require("foreshadow/capacity").capacity);\n');
  assert.equal(execFileSync(NODE, [join(app, "index.js")], { encoding: "utf8" }), "function");
  writeFileSync(
    join(app, "program.ts"),
    'import { capacity } from "foreshadow/capacity";\nexport const count: number = capacity("web").count;\n',
  );
  const options = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--module",
    "commonjs",
    "--moduleResolution",
    "node10",
    "--ignoreDeprecations",
    "5.0",
  ];
  execFileSync(process.execPath, [join(ROOT, "node_modules", "typescript", "bin", "tsc"), ...options, "program.ts"], {
    cwd: app,
    stdio: "inherit",
  });
});

test("a project written by init is sound, and replay runs on it", () => {
  run("init", "--workload", "shop");
  const rows = Array.from(
    { length: 3 * 288 },
    (_, i) => `${1_800_000_000 + 300 * i},${(2 + Math.sin(i / 46)).toFixed(3)}`,
  );
  writeFileSync(join(app, "trace.csv"), `timestamp,cpu\n${rows.join("\n")}\n`);
  const lines = run(
    "replay",
    "--trace",
    "trace.csv",
    "--capacity",
    "capacity/dev.yaml",
    "--constraints",
    "policies/shop.yaml",
    "--from",
    String(1_800_000_000 + 2 * 86_400),
  )
    .trim()
    .split("\n");
  assert.equal(lines.length, 289);
  assert.equal((JSON.parse(lines.at(-1)!) as { summary: { ticks: number } }).summary.ticks, 288);
});

test("a history is judged on threads of the package", () => {
  const { workloads } = JSON.parse(run("report", "--csv", "trace.csv", "--json")) as {
    workloads: { workload: string; judgedTicks: number }[];
  };
  assert.deepEqual(
    workloads.map(({ workload, judgedTicks }) => [workload, judgedTicks]),
    [["trace", 2 * 288]],
  );
});

test("the engine runs compiled: it takes usage, ticks, and stops when asked to", async () => {
  execFileSync("git", ["init", "--quiet", "--initial-branch=main"], { cwd: app });
  writeFileSync(join(app, ".gitignore"), "node_modules\n.foreshadow\n*.tgz\n");
  const identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"];
  execFileSync("git", ["add", "."], { cwd: app });
  execFileSync("git", [...identity, "commit", "--quiet", "-m", "begin"], { cwd: app });
  writeFileSync(
    join(app, "engine.yaml"),
    'version: 1\nstep: 1s\nschedule: "* * * * * *"\nintake: { listen: "127.0.0.1:0" }\nworkloads:\n  - { name: shop, select: { cgroup: /none }, stack: { dir: ".", name: dev }, constraints: policies/shop.yaml }\n',
  );
  const engine = spawn(NODE, [foreshadow, "run", "--project", "engine.yaml"], {
    cwd: app,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => engine.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    engine.stdout.once("data", () => resolve());
    engine.once("exit", () => reject(new Error("the engine did not start")));
  });
  let status: { engine: { lastTick: number | null } } = { engine: { lastTick: null } };
  for (let i = 0; i < 40 && status.engine.lastTick === null; i++)
    status = JSON.parse(run("status", "--project", "engine.yaml", "--json"));
  assert.ok(status.engine.lastTick !== null);
  engine.kill("SIGTERM");
  assert.equal(await ended, 0);
  const { valid, entries, tail } = JSON.parse(run("ledger", "verify", "--project", "engine.yaml", "--json")) as {
    valid: boolean;
    entries: number;
    tail: string;
  };
  assert.ok(valid && entries > 0);
  assert.equal(tail, "proven", "the stop anchors the ledger's end in git");
});
