import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { propertyLine } from "../cli/describe-changeset.ts";
import { table } from "../cli/output.ts";
import { settled } from "../cli/settled.ts";
import { connectEngine } from "../engine/api/client.ts";
import type { EngineControl } from "../engine/api/engine-control.port.ts";
import { readLedger } from "../engine/ledger-check.ts";
import { loadProject } from "../engine/project-files.ts";
import { parseTrace } from "../engine/replay/trace.ts";
import { createStoreDirectory, storeDirectory } from "../engine/store/store-directory.ts";
import { openUsageStore } from "../engine/store/usage-store.ts";
import { parseCapacity } from "../model/capacity.ts";
import { UNDER_WAY } from "../model/changeset.ts";
import { compareWithReactive } from "./comparison.ts";
import { loadHistory } from "./history.ts";
import { type Load, startLoad } from "./load.ts";
import { describeCost, measureRequest } from "./measure-request.ts";
import type { DemoOptions } from "./options.ts";
import { generatedDay, recordedDays, seededRandom, variedDay } from "./pattern.ts";
import { pulumi, startForeshadow, stopProcess } from "./processes.ts";
import { Recording } from "./recording.ts";
import type { Screen } from "./screen.ts";
import {
  DAY,
  DAY_TICKS,
  HISTORY_DAYS,
  OVERTIME_TICKS,
  PEAK_REPLICAS,
  PLAYED_TICKS,
  REPLICA_CPU,
  REQUEST,
  RUN_DIRECTORY,
  STACK,
  STEP,
  UTILISATION,
  WORKLOAD,
  WORKSPACE,
} from "./settings.ts";
import type { Summary } from "./summary.ts";
import { daysOf } from "./trace-day.ts";
import { createWorkspace } from "./workspace.ts";
import { readWorld, sameWorld } from "./world.ts";

/** Requests a second while the cost of one is measured. */
const MEASURING_RATE = 30;
/** Seconds that engine and agent get to be there before the day begins. */
const LEAD_IN = 10;

/** The main job, from bootstrap to the comparison. What it starts is ended by `tearDown`, however it ends. */
export async function play(
  options: DemoOptions,
  screen: Screen,
  interrupted: AbortSignal,
): Promise<Omit<Summary, "leftovers">> {
  const children: ChildProcess[] = [];
  const loads: Load[] = [];
  const stopFollowing = new AbortController();
  const whole = run();
  const stop = new Promise<never>((_, reject) =>
    interrupted.addEventListener("abort", () => reject(new Error("interrupted")), { once: true }),
  );
  try {
    return await Promise.race([whole, stop]);
  } finally {
    whole.catch(() => {});
    stopFollowing.abort();
    for (const load of loads) load.stop();
    if (!options.keep || interrupted.aborted) for (const child of children.reverse()) await stopProcess(child, 20);
  }

  async function run(): Promise<Omit<Summary, "leftovers">> {
    const random = seededRandom(options.seed);
    const days = demandDays(options, random);
    screen.line("bootstrapping the local stack with `pulumi up` …");
    createWorkspace({ intake: await freePort(), metrics: await freePort() });
    await pulumi("stack", "init", STACK);
    await pulumi("up", "--yes", "--stack", STACK, "--skip-preview");
    const url = `${poolUrl()}/work?${new URLSearchParams(Object.entries(REQUEST).map(([key, value]): [string, string] => [key, String(value)]))}`;
    screen.line(`workers answer on ${poolUrl()}; measuring what one request costs on this host …`);
    const cost = await measureRequest(url, MEASURING_RATE);
    const perRequest = Math.max(1e-4, cost.perRequest.cpu ?? 0);
    const peak = (PEAK_REPLICAS * REPLICA_CPU * UTILISATION) / perRequest;
    screen.line(`one request: ${describeCost(cost)}; the day's peak is ${peak.toFixed(0)} requests/s`);

    const begins = Math.ceil((Date.now() / 1000 + LEAD_IN) / STEP) * STEP;
    const history = days.history.flatMap((day) => [...day]).map((share) => share * peak);
    await prepareStore(history, cost, begins, random);
    screen.line(
      `history: ${HISTORY_DAYS} earlier days of ${DAY} s, ${days.label}, times the measured cost of a request`,
    );

    children.push(startForeshadow("engine", ["run"]));
    const engine = await connected();
    children.push(startForeshadow("agent", ["agent", "--discovery", "1"]));
    screen.line("agent and engine run; mode auto");

    const recording = new Recording();
    const played = days.played.flatMap((day) => [...day]).slice(0, PLAYED_TICKS + OVERTIME_TICKS);
    // Until the day begins, requests come as at its first tick.
    const before = Array<number>(Math.ceil((begins - Date.now() / 1000) / STEP)).fill(played[0]);
    const rates = [...before, ...played].map((share) => share * peak);
    const load = startLoad({ url, from: begins - before.length * STEP, step: STEP, rates }, () => {});
    loads.push(load);
    void engine.follow((event) => {
      void recording.take(event).then((changeset) => changeset && screen.changeset(changeset));
      if (event.type === "tick") screen.tick(event.workload, dayOf(event.workload.at ?? 0, begins), load.last());
      if (event.type === "alert") screen.line(`alert: ${event.text}`);
    }, stopFollowing.signal);
    const end = begins + PLAYED_TICKS * STEP;
    // An interrupted demo ends at once, not at the end of the day.
    await sleep(Math.max(0, end * 1000 - Date.now()), undefined, { signal: interrupted });
    await reversible(engine, end + OVERTIME_TICKS * STEP, interrupted);
    // Before the freeze: requests that nothing may be added for would only fail.
    const report = load.last();
    load.stop();
    await engine.freeze({ workload: "*", all: true, by: "demo", reason: "the day is over" });
    await quiet(engine);

    const back = await rollBack(engine, recording, screen);
    await stopEngine(engine);
    const files = loadProject(join(WORKSPACE, "foreshadow.yaml"));
    const check = await readLedger(files);
    screen.line(`ledger: ${check.entries} entries, ${check.valid ? "valid" : "NOT VALID"}, tail ${check.tail}`);
    const done = recording.done();
    const startDelay = median(done.flatMap(({ leadTime }) => leadTime ?? [])) ?? 16;
    const comparison = compareWithReactive(
      recording.views.filter(({ at }) => at !== null && at > begins && at <= end),
      firstCapacity(),
      files.constraints.get(WORKLOAD)!,
      startDelay,
    );
    return {
      actions: done.length,
      ...back,
      ledger: { entries: check.entries, valid: check.valid, tail: check.tail },
      ...comparison,
      startDelay,
      dimensions: [
        ...new Set(done.flatMap(({ changes = [] }) => changes.map(({ property }) => property.replace(/\[.*/, "")))),
      ].sort(),
      requests: { sent: report?.sent ?? 0, failed: report?.failed ?? 0 },
    };
  }

  async function stopEngine(_engine: EngineControl): Promise<void> {
    if (options.keep) return;
    for (const child of [...children].reverse()) await stopProcess(child, 30);
  }
}

interface DemandDays {
  readonly history: readonly Float64Array[];
  readonly played: readonly Float64Array[];
  readonly label: string;
}

/** The days of history and those that are played, as shares of the peak. */
function demandDays({ trace }: DemoOptions, random: () => number): DemandDays {
  if (trace === undefined) {
    const day = () => variedDay(generatedDay(DAY_TICKS), random);
    return {
      history: Array.from({ length: HISTORY_DAYS }, day),
      played: [day(), day()],
      label: "generated",
    };
  }
  const { series, step } = parseTrace(readFileSync(trace, "utf8"), trace);
  const values = series.get("requests") ?? series.get("cpu") ?? [...series.values()][0];
  const all = recordedDays(daysOf(values, step).slice(-(HISTORY_DAYS + 2)), DAY_TICKS);
  if (all.length < 4) throw new Error(`${trace}: expected at least 4 whole days, found ${all.length}`);
  return { history: all.slice(0, -2), played: all.slice(-2), label: `recorded in ${trace}` };
}

async function prepareStore(
  rates: readonly number[],
  cost: Awaited<ReturnType<typeof measureRequest>>,
  until: number,
  random: () => number,
): Promise<void> {
  const directory = storeDirectory("sqlite:.foreshadow", WORKSPACE);
  createStoreDirectory(directory);
  const store = openUsageStore(directory);
  await loadHistory(store, rates, cost, until, random);
  await store.flush();
  await store.close();
}

function poolUrl(): string {
  const { listen } = JSON.parse(readFileSync(join(RUN_DIRECTORY, "spec.json"), "utf8")) as {
    listen: { address: string; port: number };
  };
  return `http://${listen.address}:${listen.port}`;
}

function firstCapacity() {
  const path = join("capacity", `${STACK}.yaml`);
  return parseCapacity(readFileSync(join(WORKSPACE, path), "utf8"), path).get(WORKLOAD)!;
}

async function connected(): Promise<EngineControl> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    const engine = await connectEngine(join(WORKSPACE, ".foreshadow"));
    if (engine !== undefined) return engine;
    await sleep(100);
  }
  throw new Error(`the engine did not start; see ${join(WORKSPACE, ".foreshadow", "engine.log")}`);
}

/**
 * Waits until the newest action can be taken back exactly and none is under way, at most until an instant in epoch seconds: where the day ends with a volume that has
 * grown, which has no way back, what came before it can no longer be taken back by itself.
 */
async function reversible(engine: EngineControl, until: number, signal: AbortSignal): Promise<void> {
  while (Date.now() / 1000 < until) {
    const all = await engine.changesets();
    const [newest] = all.filter(({ state }) => state === "done").sort((a, b) => b.createdAt - a.createdAt);
    const moving = all.some(({ state }) => UNDER_WAY.includes(state));
    if (!moving && newest?.reversibility === "exact") return;
    await sleep(STEP * 1000, undefined, { signal });
  }
}

/** Waits until no changeset is on its way. */
async function quiet(engine: EngineControl): Promise<void> {
  for (const { id } of await engine.changesets()) await settled(engine, id, () => {});
}

/** Takes the newest action back that can be taken back exactly, and compares the world with what it was before that action. */
async function rollBack(
  engine: EngineControl,
  recording: Recording,
  screen: Screen,
): Promise<Pick<Summary, "rolledBack" | "worldRestored">> {
  const exact = (await engine.changesets())
    .filter(({ state, reversibility, reverses }) => state === "done" && reversibility === "exact" && !reverses)
    .sort((a, b) => b.createdAt - a.createdAt);
  for (const candidate of exact) {
    const proposed = await engine.rollback(candidate.id, "demo").catch((error: Error) => error);
    if (proposed instanceof Error) {
      // A later action has changed the same property: that one would have to go first.
      screen.line(`${candidate.id} stays: ${proposed.message.slice(0, 120)}`);
      continue;
    }
    screen.line(`rolling ${candidate.id} back …`);
    const expected = recording.worldWithout(candidate, await readWorld());
    const reverse = await settled(engine, proposed.id, () => {});
    screen.indented(table((reverse.changes ?? []).slice(0, 6).map(propertyLine)));
    const found = await readWorld();
    const restored = reverse.state === "done" && expected !== undefined && sameWorld(expected, found);
    screen.line(
      restored
        ? "the world is as it was before that action"
        : `the world differs (${reverse.state}): expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
    );
    return { rolledBack: candidate.id, worldRestored: restored };
  }
  throw new Error("there was no action that could be rolled back exactly");
}

function dayOf(at: number, begins: number): string {
  const ticks = Math.round((at - begins) / STEP);
  if (ticks < 0) return "before the day";
  const hour = (24 * (ticks % DAY_TICKS)) / DAY_TICKS;
  return `day ${1 + Math.floor(ticks / DAY_TICKS)} ${String(Math.floor(hour)).padStart(2, "0")}:${String(Math.floor((hour % 1) * 60)).padStart(2, "0")}`;
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
