import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FULL } from "../../engine/api/metrics-page.fixture.ts";
import { metricsPage } from "../../engine/api/metrics-page.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PROMETHEUS = join(ROOT, "deploy", "prometheus");
const runs = (command: string) => spawnSync(command, ["--version"]).status === 0;
const skip = runs("promtool") ? false : "needs promtool, of Debian's package prometheus";

/** Names of what the engine's page tells where there is everything to tell; of a histogram, those of its lines. */
function told(): Set<string> {
  const types = [...metricsPage(FULL).matchAll(/^# TYPE (\S+) (\S+)/gm)];
  return new Set(
    types.flatMap(([, name, type]) =>
      type === "histogram" ? ["_bucket", "_sum", "_count"].map((line) => name + line) : [name],
    ),
  );
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

test("Prometheus' linter has nothing to say of the engine's page", { skip }, () => {
  const lint = (page: string) => spawnSync("promtool", ["check", "metrics"], { input: page, encoding: "utf8" });
  const page = metricsPage(FULL);
  const { status, stdout, stderr } = lint(page);
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.notEqual(lint(page.replace("forecasts_total counter", "forecasts_total gauge")).status, 0);
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
