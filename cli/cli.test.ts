import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const BIN = join(dirname(dirname(fileURLToPath(import.meta.url))), "bin", "foreshadow.cjs");
const place = mkdtempSync(join(tmpdir(), "foreshadow-cli-"));
after(() => rmSync(place, { recursive: true, force: true }));

function foreshadow(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd: place, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("without a project it says how to write one, and exits with 2", () => {
  const { status, stderr } = foreshadow("status");
  assert.equal(status, 2);
  assert.match(stderr, /foreshadow init/);
});

test("a wrong option and a wrong value exit with 2, each with what was expected", () => {
  assert.equal(foreshadow("status", "--bogus").status, 2);
  foreshadow("init", "--workload", "web");
  const pin = foreshadow("pin", "web", "--min", "many", "--for", "2h");
  assert.equal(pin.status, 2);
  assert.match(pin.stderr, /--min: expected a whole number of replicas, found many/);
  assert.match(foreshadow("pin", "web", "--for", "2h").stderr, /--min, --max or both/);
  assert.match(foreshadow("replay", "--trace", "none.csv").stderr, /--capacity/);
});

test("a wrong file is answered with file, line, path and what was expected, as JSON too", () => {
  foreshadow("init", "--workload", "web");
  writeFileSync(
    join(place, "broken.yaml"),
    readFileSync(join(place, "foreshadow.yaml"), "utf8").replace("mode: observe", "mode: yolo"),
  );
  const { status, stderr } = foreshadow("status", "--project", "broken.yaml", "--json");
  assert.equal(status, 2);
  const { file, problems } = JSON.parse(stderr) as { file: string; problems: { line: number; path: string }[] };
  assert.match(file, /broken\.yaml$/);
  assert.equal(problems[0].path, "workloads.0.mode");
  assert.equal(problems[0].line, 9);
});

test("a hold is written with no engine and no store, and ended again", () => {
  foreshadow("init", "--workload", "web");
  assert.equal(foreshadow("freeze", "web", "--all", "--reason", "incident").status, 0);
  const holds = () =>
    JSON.parse(readFileSync(join(place, ".foreshadow", "holds.json"), "utf8")) as {
      freezes: { workload: string }[];
      pins: unknown[];
    };
  assert.equal(holds().freezes[0].workload, "web");
  assert.equal(foreshadow("pin", "web", "--min", "4", "--for", "2h").status, 0);
  assert.equal(holds().pins.length, 1);
  assert.equal(foreshadow("unfreeze", "web").status, 0);
  assert.deepEqual([holds().freezes.length, holds().pins.length], [0, 0]);
});

test("every command has help with an example", () => {
  for (const command of [
    "init",
    "up",
    "agent",
    "run",
    "status",
    "forecast",
    "plan",
    "explain",
    "rollback",
    "replay",
    "ledger verify",
    "report",
    "quarantine list",
    "quarantine add",
    "quarantine undo",
    "freeze",
    "pin",
    "unfreeze",
    "doctor",
  ]) {
    const { status, stdout } = foreshadow(...command.split(" "), "--help");
    assert.equal(status, 0, command);
    assert.match(stdout, /Example:/, command);
  }
});

test("a backtest of any file prints each model's figures by horizon, and says what it cannot read", () => {
  const rows = Array.from(
    { length: 24 * 10 },
    (_, i) => `${i * 3_600},${100 + 50 * Math.sin((i * Math.PI) / 12) + (i % 7)}`,
  );
  writeFileSync(join(place, "any.csv"), `when,load\n${rows.join("\n")}\n`);
  const run = foreshadow(
    "backtest",
    "--trace",
    "any.csv",
    "--models",
    "naive,seasonal ar",
    "--horizons",
    "1h,4h",
    "--json",
  );
  assert.equal(run.status, 0, run.stderr);
  const { models } = JSON.parse(run.stdout) as { models: Record<string, Record<string, Record<string, unknown>>> };
  assert.deepEqual(Object.keys(models), ["naive", "seasonal ar"]);
  assert.deepEqual(Object.keys(models.naive), ["1h", "4h"]);
  const expected = ["mase", "smape", "pinball", "coverage", "msPerFit", "msPerForecast"];
  assert.deepEqual(Object.keys(models["seasonal ar"]["4h"]), expected);
  const wrong = foreshadow("backtest", "--trace", "any.csv", "--models", "oracle");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--models: expected all, or some of naive, .*found oracle/);
});

test("a hold on a name that no workload has is refused, not said to be in force", () => {
  foreshadow("init", "--workload", "web");
  for (const args of [
    ["freeze", "wbe"],
    ["pin", "wbe", "--min", "4", "--for", "2h"],
  ]) {
    const { status, stderr } = foreshadow(...args);
    assert.equal(status, 3);
    assert.match(stderr, /no workload wbe; there are web/);
  }
});

test("unfreeze says which holds are left in force", () => {
  foreshadow("init", "--workload", "web");
  foreshadow("freeze");
  const { stdout } = foreshadow("unfreeze", "web", "--json");
  assert.deepEqual(JSON.parse(stdout), { workload: "web", stillHeld: ["*"] });
  assert.deepEqual(JSON.parse(foreshadow("unfreeze", "--json").stdout), { workload: "*", stillHeld: [] });
});

test("a hold is in force, and the command ends, when the engine hangs", async (t) => {
  foreshadow("init", "--workload", "web");
  mkdirSync(join(place, ".foreshadow"), { recursive: true });
  // Nothing accepts while the command below blocks this process: connections wait in the kernel, as with a stopped engine.
  const server = createServer().listen(join(place, ".foreshadow", "engine.sock"));
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close());
  const { status } = spawnSync(process.execPath, [BIN, "freeze", "web"], { cwd: place, timeout: 20_000 });
  assert.equal(status, 0);
  assert.match(readFileSync(join(place, ".foreshadow", "holds.json"), "utf8"), /"workload": "web"/);
});

test("a replay's options that cannot be are wrong input", () => {
  foreshadow("init", "--workload", "web");
  writeFileSync(join(place, "short.csv"), "timestamp,cpu\n0,1\n60,2\n120,3\n");
  const files = ["--trace", "short.csv", "--capacity", "capacity/dev.yaml", "--constraints", "policies/web.yaml"];
  const replay = (...args: string[]) => foreshadow("replay", ...files, "--from", "0", ...args);
  for (const [args, message] of [
    [["--violation", "0%"], /--violation: expected a percentage above 0% and below 50%/],
    [["--native", "0%"], /--native: expected a percentage above 0% and at most 100%/],
    [["--start-delay", "10000w"], /--start-delay: expected/],
    [["--out", "no/such/directory/x"], /--out: expected a file that can be written/],
    [["--from", "9999"], /--from: expected an instant from/],
  ] as const) {
    const { status, stderr } = replay(...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  }
  const lines = replay("--native", "100%").stdout.trim().split("\n");
  assert.deepEqual(Object.keys(JSON.parse(lines[0])), [
    "timestamp",
    "demand",
    "ready",
    "pending",
    "target",
    "need",
    "reasons",
  ]);
  assert.deepEqual(Object.keys(JSON.parse(lines[3]).summary), [
    "ticks",
    "violationTicks",
    "unservedShare",
    "cost",
    "minimumCost",
    "actions",
  ]);
});

test("without a Pulumi command line `up` says where it was looked for", () => {
  foreshadow("init", "--workload", "web");
  const { status, stderr } = spawnSync(process.execPath, [BIN, "up"], {
    cwd: place,
    encoding: "utf8",
    env: { PATH: "", HOME: place, XDG_CACHE_HOME: place },
  });
  assert.equal(status, 1);
  assert.match(stderr, /Pulumi: expected an executable at pulumi on PATH or in .*, found none; install Pulumi/);
});
