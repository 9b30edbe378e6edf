import { setImmediate as turn } from "node:timers/promises";
import { EventCalendars } from "../../engine/event-calendars.ts";
import { createForecaster } from "../../engine/forecast/forecaster.ts";
import { SimulatedInfrastructure } from "../../engine/infrastructure/simulated.ts";
import { verifyLedger } from "../../engine/ledger/verify-ledger.ts";
import { Engine } from "../../engine/loop/engine.ts";
import { LeadTimes } from "../../engine/loop/lead-times.ts";
import { ChangeManager } from "../../engine/orchestrator/change/change-manager.ts";
import type { DecisionTracer } from "../../engine/tracing/decision-tracer.ts";
import { computedUsage } from "../../engine/usage/computed-usage.ts";
import { type Capacity, parseCapacity, replicasAt } from "../../model/capacity.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { formatInstant } from "../../model/instant.ts";
import { parseProject } from "../../model/project.ts";
import { random } from "../change/kills.ts";
import { MemoryControlStore } from "../change/memory-control-store.ts";
import { MemoryReviewHost } from "../change/memory-review-host.ts";

const STEP = 60;
/** A day of this shop: short, so that forecasts have several behind them. */
const SEASON = 180 * STEP;
/** Days that are known at the start. */
const PAST = 5;
const PATH = "capacity/dev.yaml";
const CAPACITY = `version: 1
web:
  owns: desired
  replicas: { count: 4 }
  perReplica: { cpu: 1, memory: 2GiB }
api:
  owns: desired
  replicas: { count: 4 }
  perReplica: { cpu: 1, memory: 2GiB }
`;
const RULES = `version: 1
performance: { utilisation: { cpu: 70%, memory: 80% } }
scales: { cpu: out, memory: none, disk: none, network: none }
availability: { replicas: { min: 2, max: 20 } }
change: { cooldown: { in: 3m } }
forecast: { tier: fast, horizon: 1h }
`;

/** The project file. @param sale epoch seconds of a planned event */
function projectText(sale: number): string {
  const workload = (name: string, mode: string) =>
    `  - { name: ${name}, select: { cgroup: /${name} }, stack: { dir: ".", name: dev }, constraints: shop.yaml, mode: ${mode}, leadTime: 1m, resources: [${name}] }\n`;
  return `version: 1
season: ${SEASON / STEP}m
step: 1m
plan: { every: 10m, granularity: 5m }
events:
  planned:
    - { name: spring sale, from: ${formatInstant(sale)}, to: ${formatInstant(sale + 15 * STEP)}, uplift: 1.5x }
workloads:
${workload("web", "review")}${workload("api", "auto")}`;
}

/**
 * A shop of two workloads with a daily rhythm: `web` asks a person about each change, `api` does not. Engine and change are the real ones; measurements,
 * git, the target and the clock are the test's. The clock begins an hour ago.
 *
 * @param others workloads besides, of which nothing is measured
 * @param tracer follows decisions and changes
 */
export async function openShop(others = 0, tracer?: DecisionTracer) {
  const start = (Math.floor(Date.now() / 1000 / STEP) - 60) * STEP;
  let now = start;
  const load: Record<string, number> = { web: 1, api: 1 };
  const review = new MemoryReviewHost({ [PATH]: CAPACITY, "index.ts": "a program" });
  const infrastructure = await SimulatedInfrastructure.create(
    async (checkout) => parseCapacity(review.text(checkout, PATH), PATH),
    review.branch,
  );
  const text = projectText(start + 80 * STEP);
  const parsed = parseProject(text, "foreshadow.yaml");
  const more = Array.from({ length: others }, (_, i) => ({
    ...parsed.workloads[0],
    name: `worker-${String(i + 1).padStart(5, "0")}`,
    mode: "observe" as const,
  }));
  const project = { ...parsed, workloads: [...parsed.workloads, ...more] };
  const rules = parseConstraints(RULES, "shop.yaml");
  const clock = { now: () => now, monotonic: () => now };

  const wave = (at: number, period: number) => Math.sin((2 * Math.PI * at) / period);
  // The second wave has nothing to do with the day: a forecast that looks at the last values beats one that only remembers yesterday.
  const rhythm = (at: number) =>
    2 * (1 + 0.4 * wave(at, SEASON) + 0.25 * wave(at, 0.71 * SEASON)) * (0.97 + 0.06 * random(at)());
  const measured = new Map<string, number>();
  const cpuAt = (workload: string, end: number) =>
    measured.get(`${workload} ${end}`) ?? (end <= start ? rhythm(end) : Number.NaN);
  const memoryOf = (cpu: number) => 2e9 + 6e8 * cpu;
  const ready = (name: string) => {
    const pool = infrastructure.world.get(name)?.inputs as { replicas: number; plan?: Capacity["plan"] } | undefined;
    return pool === undefined ? 0 : replicasAt({ replicas: { count: pool.replicas }, plan: pool.plan ?? [] }, now);
  };
  const status = { read: (name: string) => ({ ready: ready(name), warming: 0, warmingPids: [], at: now }) };
  const usage = computedUsage(
    ({ workload, series, end }) => {
      if (end < start - PAST * SEASON || load[workload] === undefined) return Number.NaN;
      const cpu = cpuAt(workload, end);
      return series === "cpu" ? cpu : series === "memory" ? memoryOf(cpu) : Number.NaN;
    },
    async (workload) => {
      if (load[workload] === undefined) return [];
      const cpu = cpuAt(workload, now);
      const demand = { cpu, memory: memoryOf(cpu) };
      const part = { usage: demand, demand, censored: [] };
      const threads = [{ ...part, tid: 8, name: "worker-1" }];
      const processes = [{ ...part, identity: { pid: 7, startTime: 1 }, executable: "/usr/bin/shop", threads }];
      const measures = { ...part, missing: [], processes };
      return [{ workload, host: "h1", at: now, interval: 1, replicas: ready(workload), ...measures }];
    },
  );

  const control = new MemoryControlStore();
  let [identifiers, told] = [0, (_changeset: string) => {}];
  const change = new ChangeManager({
    store: control,
    review,
    infrastructure,
    progress: {
      notify: (message) => {
        tracer?.heard(message);
        if (message.code === "changeset-state") told(message.changeset);
      },
    },
    clock,
    newId: () => `cs-${++identifiers}`,
    constraints: () => rules,
    bound: (workload) => ({ own: [workload], others: ["web", "api"].filter((name) => name !== workload) }),
    status,
    limits: { verifyDeadline: 0, verifyInterval: 0 },
  });
  const engine = new Engine({
    project,
    constraints: new Map(project.workloads.map(({ name }) => [name, rules])),
    control,
    usage,
    review,
    change,
    status,
    leadTimes: new LeadTimes(control, () => STEP),
    createForecaster,
    events: new EventCalendars(project.events, "/", () => {}),
    ...(tracer && { trace: tracer }),
    clock,
    version: "0.1.0",
  });
  told = (changeset) => void engine.changesetMoved(changeset);
  void engine.follow(
    (event) => event.type === "changeset" && tracer?.moved(event.changeset),
    new AbortController().signal,
  );
  await engine.loop.load(new Map());
  const settle = async () => {
    while (engine.loop.busy) await turn();
  };
  return {
    engine,
    records: {
      verifyLedger: async () => verifyLedger(await control.ledger()),
      settings: async () => [
        { path: "foreshadow.yaml", text },
        { path: "shop.yaml", text: RULES },
        { path: PATH, text: review.text(review.branch, PATH) },
      ],
    },
    /** Lets a minute go by. @param factors what demand of a workload is multiplied by from now on */
    async tick(factors: Readonly<Record<string, number>> = {}) {
      Object.assign(load, factors);
      now += STEP;
      for (const [workload, factor] of Object.entries(load)) measured.set(`${workload} ${now}`, factor * rhythm(now));
      await engine.loop.tick();
      await settle();
    },
    settle,
  };
}
