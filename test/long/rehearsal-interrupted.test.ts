import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, it } from "node:test";
import { fileURLToPath } from "node:url";
import { WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import { processesOf } from "../change/kills.ts";
import { LAST_DAY, twoPeaks } from "../clouds/two-peaks.ts";
import { startWatched } from "../watched-child.ts";

const CLI = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "cli", "main.ts");

it("an interrupted rehearsal ends what is under way, says so, and leaves no process behind", async () => {
  const base = mkdtempSync(join(tmpdir(), "foreshadow-interrupted-"));
  after(() => rmSync(base, { recursive: true, force: true }));
  const { startsAt, step, series } = twoPeaks();
  const cpu = [...series.get("cpu")!];
  const rows = cpu.map((value, i) => `${startsAt + i * step},${value}`);
  const trace = join(base, "trace.csv");
  writeFileSync(trace, ["timestamp,cpu", ...rows].join("\n"));
  const directory = join(base, "kept");
  const from = new Date(LAST_DAY.from * 1000).toISOString();
  const rehearsal = startWatched([CLI, "rehearse", "aws", "--trace", trace, "--from", from, "--directory", directory]);
  await rehearsal.says("the stack is up");
  rehearsal.child.kill("SIGINT");
  assert.notEqual(await rehearsal.ended, 0);
  assert.match(rehearsal.output(), /stopping: what is under way is ended first/);
  assert.match(rehearsal.output(), /the rehearsal was ended by SIGINT/);
  const env = { [WORLD_VARIABLE]: join(directory, "world.json") };
  assert.deepEqual(processesOf({ mark: WORLD_VARIABLE, env }), []);
  assert.ok(existsSync(join(directory, "repository")), "what was to be kept is kept");
});
