import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { metricsPage } from "../../engine/api/metrics-page.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PROMETHEUS = join(ROOT, "deploy", "prometheus");
const runs = (command: string) => spawnSync(command, ["--version"]).status === 0;
const skip = runs("promtool") ? false : "needs promtool, of Debian's package prometheus";

/** Names of what the engine's page tells of a workload of which there is everything to tell. */
function told(): Set<string> {
  const figures = { usage: 1, demand: 1, forecast: 1, upper: 1, capacity: 1, model: "m", trusted: true, evidence: "" };
  const counts = { asked: 1, ready: 1, reporting: 1, need: 1, target: 1 };
  const workload = { name: "web", mode: "auto", at: 60, ...counts, reasons: [], series: { cpu: figures } } as const;
  const engine = { pid: 1, version: "t", startedAt: 0, lastTick: 60, running: true };
  const alert = {
    id: "a",
    workload: "web",
    subject: "cpu",
    openedAt: 0,
    updatedAt: 0,
    multiple: 2,
    movers: [],
    text: "",
  } as const;
  const page = metricsPage({
    status: { engine, ledger: { sequence: 7, hash: "" }, workloads: [workload], alerts: [] },
    alerts: [alert],
    anomalies: [{ workload: "web", detected: 1 }],
    recalibrations: 0,
    quarantined: ["web"],
    errors: [{ workload: "web", series: "cpu", error: 0.1 }],
  });
  return new Set([...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
}

test("alert rules are sound, and alert when they should", { skip }, () => {
  for (const [what, file] of [
    ["check", "foreshadow.rules.yaml"],
    ["test", "foreshadow.rules.test.yaml"],
  ]) {
    const { status, stdout, stderr } = spawnSync("promtool", [what, "rules", file], {
      cwd: PROMETHEUS,
      encoding: "utf8",
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  }
});

test("rules and dashboard ask only for what the engine tells", () => {
  const names = told();
  const files = [join(PROMETHEUS, "foreshadow.rules.yaml"), join(ROOT, "deploy", "grafana", "foreshadow.json")];
  for (const file of files) {
    const asked = [...readFileSync(file, "utf8").matchAll(/foreshadow_[a-z_]+/g)].map(([name]) => name);
    assert.ok(asked.length > 4);
    for (const name of asked) assert.ok(names.has(name), `${file}: ${name}`);
  }
});

test("units are as systemd wants them", { skip: runs("systemd-analyze") ? false : "needs systemd-analyze" }, () => {
  const { stderr } = spawnSync(
    "systemd-analyze",
    ["verify", ...globSync(join(ROOT, "deploy", "systemd", "*.service"))],
    {
      encoding: "utf8",
    },
  );
  // The package is not installed where this runs.
  const problems = stderr
    .split("\n")
    .filter((line) => line !== "" && !line.includes("/usr/bin/foreshadow is not executable"));
  assert.deepEqual(problems, []);
});
