import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BackfillView, ForecastView } from "../../engine/api/engine-control.port.ts";
import { openControlStore } from "../../engine/store/control-store.ts";
import { storeDirectory } from "../../engine/store/store-directory.ts";
import { openUsageStore } from "../../engine/store/usage-store.ts";
import { cpuVector } from "../../engine/usage/computed-usage.ts";
import { Servers, unlessThere } from "./servers.ts";

/** A new workload starts with the past that a Prometheus has recorded of it: the command, the engine and Debian's prometheus as they are. */

const BIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "bin", "foreshadow.cjs");
/** Time is compressed: a "day" of two hours. */
const STEP = 10;
const DAY = 7200;
const RECORDED_DAYS = 8;
const SCRAPED = 10;
/** Cores by which what the agent measured lately differs from what was recorded of the same time. */
const MORE = 0.2;
/** Seconds up to now that the agent measured. */
const LATELY = 1800;
const run = promisify(execFile);

let servers: Servers;
let root: string;
let engine: ReturnType<typeof spawn> | undefined;
beforeEach(() => {
  servers = new Servers();
  root = join(servers.directory, "project");
  mkdirSync(join(root, "capacity"), { recursive: true });
});
afterEach(async () => {
  engine?.kill("SIGKILL");
  await servers.close();
});

const NOW = Math.floor(Date.now() / 1000 / STEP) * STEP;
/** Cores of a pod: a wave a day on a level that wanders, which the same time of the day before does not tell; the same in each run. */
const cores = (at: number) => {
  const wave = (period: number) => Math.sin((2 * Math.PI * (at - NOW)) / period);
  return 1.5 + 0.6 * wave(DAY) + 0.4 * wave(2.7 * DAY);
};
/** The same for the same numbers, within one hundredth of nothing. */
const noise = (n: number) => 0.02 * (((Math.imul(n, 2_654_435_761) >>> 8) % 1000) / 1000 - 0.5);

/** Two pods of a workload over some days as OpenMetrics. */
function recorded(until: number): string {
  const lines = ["# TYPE container_cpu_usage_seconds counter"];
  for (const pod of ["web-a", "web-b"]) {
    let total = 0;
    for (let at = until - RECORDED_DAYS * DAY; at <= until; at += SCRAPED) {
      total += (cores(at) + noise(at - NOW + pod.length)) * SCRAPED;
      lines.push(
        `container_cpu_usage_seconds_total{namespace="shop",pod="${pod}",container="app"} ${total.toFixed(3)} ${at}`,
      );
    }
  }
  lines.push("# TYPE container_memory_working_set_bytes gauge");
  for (const pod of ["web-a", "web-b"])
    for (let at = until - RECORDED_DAYS * DAY; at <= until; at += SCRAPED)
      lines.push(`container_memory_working_set_bytes{namespace="shop",pod="${pod}",container="app"} ${3e8} ${at}`);
  return `${lines.join("\n")}\n# EOF\n`;
}

function project(url: string): void {
  writeFileSync(
    join(root, "foreshadow.yaml"),
    `version: 1
step: 10s
season: 2h
schedule: "*/10 * * * * *"
api: { listen: none }
intake: { listen: "127.0.0.1:0" }
prometheus: { url: "${url}", every: 60s }
workloads:
  - name: web
    select: { labels: { namespace: shop, pod: "web-*" } }
    stack: { dir: ., name: dev }
    constraints: web.yaml
`,
  );
  writeFileSync(join(root, "web.yaml"), "version: 1\nforecast: { horizon: 30m, tier: fast }\n");
  writeFileSync(
    join(root, "capacity", "dev.yaml"),
    "version: 1\nweb:\n  owns: desired\n  replicas: { count: 4 }\n  perReplica: { cpu: 1, memory: 1GiB }\n",
  );
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { cwd: root, stdio: "pipe" });
  git("init", "-q");
  writeFileSync(join(root, ".gitignore"), ".foreshadow\n");
  git("add", "-A");
  git("commit", "-qm", "Begin");
}

async function foreshadow<Result>(...args: string[]): Promise<Result> {
  const { stdout } = await run(process.execPath, [BIN, ...args, "--json"], { cwd: root, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Result;
}

async function stored(from: number, to: number): Promise<number[]> {
  const store = openUsageStore(storeDirectory("sqlite:.foreshadow", root));
  const { values } = await store.demand("web", "cpu", from, to, STEP);
  await store.close();
  return [...values];
}

test("a new workload starts with what Prometheus has recorded, and what was measured stays", {
  skip: unlessThere("prometheus", "promtool", "git"),
}, async () => {
  const lately = NOW - LATELY;
  project(await servers.prometheusOf(recorded(lately + 600)));
  const store = openUsageStore(storeDirectory("sqlite:.foreshadow", root));
  store.append(
    Array.from({ length: LATELY / STEP }, (_, i) => {
      const at = lately + (i + 1) * STEP;
      const cpu = 2 * cores(at - STEP / 2) + noise(at - NOW) + MORE;
      return { ...cpuVector({ workload: "web", host: "h1", at, replicas: 2 }, cpu), interval: STEP };
    }),
  );
  await store.close();

  // Beside a running engine, whose ticks go on.
  engine = spawn(process.execPath, [BIN, "run"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => engine!.stdout!.once("data", resolve));
  const before = await foreshadow<ForecastView>("forecast", "web");
  assert.match(before.series.cpu!.evidence, /cold start/);
  assert.deepEqual(before.loaded, []);
  const done = await foreshadow<BackfillView>("backfill", "web", "--from", `${NOW - 9 * DAY}`);
  assert.equal(done.state, "done", done.error);
  const [web] = done.workloads;
  assert.ok(
    web.ticks.cpu! > (RECORDED_DAYS * DAY) / STEP - 10 && web.ticks.memory! > (RECORDED_DAYS * DAY) / STEP - 10,
    JSON.stringify(web),
  );
  assert.deepEqual([web.learnt.includes("cpu"), web.learnt.includes("memory")], [true, true]);
  assert.ok(web.interval! > 0.9 * SCRAPED && web.interval! < 2 * SCRAPED, `${web.interval}`);

  // Cold start is over, and the forecast has proved itself on that past: it acts, at the horizon that a decision looks at first.
  let after = await foreshadow<ForecastView>("forecast", "web");
  for (let i = 0; i < 10 && !after.series.cpu!.horizons[0].trusted; i++) {
    await sleep(1000);
    after = await foreshadow<ForecastView>("forecast", "web");
  }
  const { cpu } = after.series;
  assert.ok(cpu!.horizons[0].trusted && !/cold start/.test(cpu!.evidence), cpu!.evidence);
  assert.ok(cpu!.samples > DAY / STEP, `${cpu!.samples}`);
  assert.deepEqual(
    after.loaded.map(({ origin, from }) => [origin, from]),
    [[done.origin, done.from]],
  );
  assert.match(done.origin, /^prometheus http:\/\/127\.0\.0\.1:\d+$/);
  const ended = new Promise((resolve) => engine!.once("exit", resolve));
  engine.kill("SIGTERM");
  await ended;

  // What was recorded is there as it was, and what was measured counts before it where there are both.
  const past = await stored(NOW - 7 * DAY, NOW);
  for (const [i, value] of past.entries()) {
    const at = NOW - 7 * DAY + i * STEP;
    const expected = 2 * cores(at + STEP / 2) + (at >= lately ? MORE : 0);
    assert.ok(Math.abs(value - expected) < 0.06, `${value} at ${at}, not ${expected}`);
  }

  // Without a running engine too, and again to the same effect.
  const again = await foreshadow<BackfillView>("backfill", "--from", `${NOW - 9 * DAY}`, "--to", `${NOW}`);
  assert.equal(again.state, "done", again.error);
  assert.deepEqual(again.workloads[0].ticks, web.ticks);
  assert.deepEqual(await stored(NOW - 7 * DAY, NOW), past);
  assert.ok((await foreshadow<ForecastView>("forecast", "web")).series.cpu!.horizons[0].trusted);

  const control = openControlStore(storeDirectory("sqlite:.foreshadow", root), () => {});
  const entries = (await control.ledger(1, 1000)).filter(({ kind }) => kind === "backfill");
  control.close();
  assert.deepEqual(
    entries.map(({ workload, body }) => [workload, body.origin, body.ticks]),
    [done, again].map(({ origin }) => ["web", origin, web.ticks]),
  );
  const { valid } = await foreshadow<{ valid: boolean }>("ledger", "verify");
  assert.ok(valid);
});
