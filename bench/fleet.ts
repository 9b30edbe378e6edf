import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fleetShape } from "../engine/forecast/fleet/shape.ts";
import { FleetShard, type FleetTier } from "../engine/forecast/fleet/shard.ts";
import { Tables } from "../engine/forecast/fleet/tables.ts";
import type { ForecasterOptions, ForecasterSnapshot } from "../engine/forecast/forecast.port.ts";
import { createForecaster } from "../engine/forecast/forecaster.ts";
import { ensembleHere, ThreadedForecastHost } from "../engine/forecast/hosting/host.ts";
import { ModelWriter } from "../engine/forecast/hosting/model-file.ts";
import { createGlobalModel } from "../engine/forecast/lstm/model-file.ts";
import { canonicalHorizons, initialParameters } from "../engine/forecast/lstm/network.ts";
import { randomNumbers } from "../engine/forecast/synthetic.ts";
import { Pace } from "../engine/loop/pace.ts";
import { decisionHorizons, decisionLevels, decisiveLevels, decisiveTicks } from "../engine/orchestrator/horizons.ts";
import { parseConstraints } from "../model/constraints.ts";
import { replaceSection } from "./doc-section.ts";
import { type LoopResult, measureLoop } from "./fleet-loop.ts";
import { watchTurns } from "./watch-turns.ts";

/**
 * Forecasts of ten thousand workloads: what a tick of all their series takes, what it holds up, what memory it needs, and how soon an
 * engine forecasts again after a restart. Each part runs in a process of its own. The models have seen two days when a part begins.
 */
const HELP = `usage: node bench/fleet.ts [--series 40000] [--ticks 5] [--day-ticks 1440] [--out docs/forecast.md]

  --series N      series in all, four to a workload
  --ticks N       ticks that are measured with the regressions
  --day-ticks N   ticks over which the fast path's memory is watched
  --out FILE      write the table between its markers in FILE`;

const STEP = 60;
const SEASON = 86_400;
const DAY = SEASON / STEP;
/** Columns of the shard that learns for all. */
const WIDTH = 250;
/** The tick at which a part begins: whole days from the epoch, so that phases are those of the past that was learnt. */
const BEGIN = 20_000 * DAY;
const LEARNT = 2.2 * DAY;
/** Random parameters: what a step takes does not hang on them. */
const SHAPE = { step: STEP, season: DAY, horizons: canonicalHorizons(DAY) };
const GLOBAL_MODEL = {
  current: createGlobalModel(SHAPE, initialParameters(SHAPE, randomNumbers(3)), {
    at: 0,
    series: 1,
    ticks: 1,
    loss: 0,
    naiveLoss: 1,
  }),
  absence: "",
};
const CONSTRAINTS = parseConstraints("version: 1\n", "bench");
const LEAD_TIME = 300;

const { values: flags } = parseArgs({
  options: {
    series: { type: "string", default: "40000" },
    ticks: { type: "string", default: "5" },
    "day-ticks": { type: "string", default: String(DAY) },
    out: { type: "string" },
    part: { type: "string" },
    directory: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const count = Math.floor(Number(flags.series) / WIDTH) * WIDTH;

interface Result {
  /** Milliseconds of processor time of a tick: put and step, and reading every forecast. */
  readonly step: number;
  readonly read: number;
  /** Milliseconds of processor time that the event loop was held up for at most. */
  readonly lag: number;
  /** Bytes: resident after the first tick and after the last, and in tables. */
  readonly resident: readonly [number, number];
  readonly tables: number;
  readonly ticks: number;
  /** Seconds until all forecast again, by the clock and of processor time; and those of processor time of a refit. */
  readonly restart: readonly number[];
  readonly refit: number;
  readonly file: number;
}

function options(tier: FleetTier): ForecasterOptions {
  return {
    series: "cpu",
    step: STEP,
    season: SEASON,
    levels: decisionLevels(CONSTRAINTS),
    horizons: decisionHorizons(STEP, LEAD_TIME, CONSTRAINTS),
    decisiveWithin: decisiveTicks(STEP, LEAD_TIME, CONSTRAINTS),
    decisiveLevels: decisiveLevels(CONSTRAINTS),
    tier,
    seed: 1,
    startsAt: BEGIN * STEP,
  };
}

function value(tick: number, i: number, noise: () => number): number {
  return (20 + (i % 80)) * (1.2 - Math.cos((2 * Math.PI * (tick + (i % 24) * 60)) / DAY) + 0.2 * noise());
}

/** Milliseconds of this process's time. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A file as a host would have kept it, in which some hundred series that have learnt stand for all. */
function prepare(tier: FleetTier, file: string): void {
  const shard = new FleetShard(fleetShape(STEP, SEASON), new Tables(WIDTH), tier, GLOBAL_MODEL);
  for (let i = 0; i < WIDTH; i++) shard.judge(i, 3);
  const noise = randomNumbers(1);
  for (let tick = BEGIN; tick < BEGIN + LEARNT; tick++) {
    shard.step(
      tick,
      Float64Array.from({ length: WIDTH }, (_, i) => value(tick, i, noise)),
      0,
      WIDTH,
    );
  }
  const state = { columns: WIDTH, tier, step: STEP, season: SEASON, tables: shard.tables.all };
  const kept = Array.from({ length: count }, (_, i) => ({
    format: "foreshadow.forecaster",
    version: 1,
    options: options(tier),
    state: {
      column: { shard: Math.floor(i / WIDTH), column: i % WIDTH, next: BEGIN + LEARNT },
      ticks: LEARNT,
    },
  }));
  const writer = new ModelWriter(file);
  for (const one of kept) writer.note(`rest:${JSON.stringify(one)}`);
  writer.tables(new Array(count / WIDTH).fill(state));
  writer.keep();
}

async function measure(tier: FleetTier, file: string, ticks: number): Promise<Result> {
  const began = performance.now();
  const start = cpu();
  const host = new ThreadedForecastHost({
    step: STEP,
    season: SEASON,
    workloads: count / 4,
    file,
    say: (text) => console.error(text),
    ensembles: ensembleHere(createForecaster),
    globalModel: GLOBAL_MODEL,
  });
  const kept: ForecasterSnapshot[] = [];
  await host.load((text) => kept.push(JSON.parse(text)));
  const shared = options(tier);
  const forecasters = kept.splice(0).map((snapshot) => {
    const forecaster = host.create(shared);
    forecaster.restore(snapshot);
    return forecaster;
  });
  host.restored();
  for (const forecaster of forecasters) forecaster.forecast();
  const restart = [performance.now() - began, cpu() - start].map((milliseconds) => milliseconds / 1000);
  // What was read and taken apart is garbage now, and would count as the fleet's memory for a while.
  globalThis.gc?.();

  const noise = randomNumbers(2);
  const sums = { step: 0, read: 0, lag: 0 };
  let first = 0;
  for (let n = 0; n < ticks; n++) {
    const values = Float64Array.from(forecasters, (_, i) => value(BEGIN + LEARNT + n, i % WIDTH, noise));
    const turns = watchTurns();
    const before = cpu();
    const pace = new Pace();
    for (let i = 0; i < count; i++) {
      forecasters[i].update(values[i]);
      if (i % 500 === 0) await pace.breathe();
    }
    await host.advance(() => pace.breathe());
    const stepped = cpu();
    // A long run watches the memory of the fast path; its forecasts are read now and then.
    if (n % 100 === 0)
      for (let i = 0; i < count; i++) {
        forecasters[i].forecast();
        if (i % 50 === 0) await pace.breathe();
      }
    if (n % 100 === 0) sums.read += (cpu() - stepped) / Math.ceil(ticks / 100);
    sums.step += (stepped - before) / ticks;
    sums.lag = Math.max(sums.lag, await turns.end());
    if (n === 0) first = process.memoryUsage().rss;
  }
  const last = process.memoryUsage().rss;
  const pace = new Pace();
  const before = cpu();
  await host.refit(() => pace.breathe());
  const refit = (cpu() - before) / 1000;
  await host.end();
  return {
    ...sums,
    resident: [first, last],
    tables: host.bytes,
    ticks,
    restart,
    refit,
    file: statSync(file).size,
  };
}

async function part(): Promise<void> {
  const [what, tier] = flags.part!.split(" ") as ["prepare" | "measure" | "loop", FleetTier];
  if (what === "loop") return console.log(JSON.stringify(await measureLoop(count / 4, Number(flags.ticks))));
  const file = join(flags.directory!, tier);
  if (what === "prepare") return prepare(tier, file);
  const ticks = Number(tier === "fast" ? flags["day-ticks"] : flags.ticks);
  console.log(JSON.stringify(await measure(tier, file, ticks)));
}

function run(what: string, directory: string): string {
  const args = ["--part", what, "--directory", directory, "--series", String(count), "--ticks", flags.ticks];
  const child = spawnSync(
    process.execPath,
    ["--expose-gc", import.meta.filename, ...args, "--day-ticks", flags["day-ticks"]],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  if (child.status !== 0) throw new Error(`${what}: ended with ${child.status ?? child.signal}`);
  return child.stdout;
}

function table(fast: Result, balanced: Result, loop: LoopResult): string {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  const row = (name: string, read: (result: Result) => string) => `| ${name} | ${read(fast)} | ${read(balanced)} |`;
  return [
    `${count.toLocaleString("en")} series, ${STEP} s a tick, a season of a day, node ${process.versions.node}:`,
    "",
    "| | fast path | with seasonal autoregressions and the global LSTM |",
    "| --- | --- | --- |",
    row("processor time of a tick: update and forecast of all", ({ step }) => `${step.toFixed(0)} ms`),
    row("reading every forecast at the horizons of its decisions", ({ read }) => `${read.toFixed(0)} ms`),
    row("longest that the event loop was held up, processor time", ({ lag }) => `${lag.toFixed(1)} ms`),
    row(
      "resident memory after the first tick, and after the last",
      ({ resident, ticks }) => `${resident.map(gib).join(", ")} (${ticks} ticks)`,
    ),
    row("of it in the models' tables, a series", ({ tables }) => `${(tables / count / 1024).toFixed(1)} KiB`),
    row("refit of all, processor time", ({ refit }) => `${refit.toFixed(1)} s`),
    row(
      "restart: from the file to a forecast of every series",
      ({ restart, file }) => `${restart[0].toFixed(1)} s, ${restart[1].toFixed(1)} s of processor time (${gib(file)})`,
    ),
    "",
    `A whole engine over ${(count / 4).toLocaleString("en")} workloads of four series, a hundred to a stack, stores and git in memory:`,
    "",
    "| | |",
    "| --- | --- |",
    `| processor time of a tick: observe, learn, forecast, decide, digest the evidence | ${(loop.tick / 1000).toFixed(1)} s |`,
    `| longest that the event loop was held up, processor time | ${loop.lag.toFixed(1)} ms |`,
    `| looks at the branch, and files read, in ${Number(flags.ticks) + 1} ticks | ${loop.heads}, ${loop.reads} |`,
    `| resident memory | ${gib(loop.resident)} |`,
  ].join("\n");
}

if (flags.help) console.log(HELP);
else if (flags.part !== undefined) await part();
else {
  const directory = mkdtempSync(join(tmpdir(), "fleet-"));
  try {
    const results = ["fast", "balanced"].map((tier) => {
      run(`prepare ${tier}`, directory);
      const result = JSON.parse(run(`measure ${tier}`, directory)) as Result;
      rmSync(join(directory, tier));
      return result;
    });
    const loop = JSON.parse(run("loop", directory)) as LoopResult;
    const text = table(results[0], results[1], loop);
    console.log(text);
    if (flags.out !== undefined) replaceSection(flags.out, "bench/fleet.ts", text);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
