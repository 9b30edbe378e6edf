import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { createForecaster } from "../engine/forecast/forecaster.ts";
import { ceiling } from "../engine/orchestrator/finite.ts";
import { type NativeRule, type ReplayOptions, replaySummary } from "../engine/replay/replay.ts";
import { horizontalPodAutoscaler, predictiveScaling, type Rule, simulateRule } from "../engine/replay/rules.ts";
import type { ReplaySummary } from "../engine/replay/score.ts";
import { parseTrace } from "../engine/replay/trace.ts";
import type { Capacity } from "../model/capacity.ts";
import { parseConstraints } from "../model/constraints.ts";
import type { SeriesName } from "../model/dimension.ts";
import { replaceSection } from "./doc-section.ts";

/**
 * Replays recorded demand under Foreshadow's decisions and under the rules of others, and writes the table into docs/replay.md.
 *
 * The first 55 % of a trace (whole days) is history; a replica serves a fortieth of the history's 99.5th percentile; utilisation
 * may reach 100 %; the run begins with what its first tick needs. One setting for all traces.
 *
 * Arguments: --traces DIR (its five .csv files; only the first column is used), --out FILE (default docs/replay.md).
 */
const { values: flags } = parseArgs({ options: { traces: { type: "string" }, out: { type: "string" } } });
if (flags.traces === undefined) {
  console.error("usage: bench/replay.ts --traces DIR [--out docs/replay.md]");
  process.exit(2);
}
const OUT = flags.out ?? "docs/replay.md";
const NAMES = ["worldcup98", "pool28", "pool4", "bitbrains-vm411", "bitbrains-vm392"];
const HISTORY = 0.55;
const DAY = 86_400;
const DELAYS = [30, 120, 300];
const CONSTRAINTS = parseConstraints(
  "version: 1\nperformance: { utilisation: { cpu: 100% } }\navailability: { replicas: { min: 1, max: 1000000 } }\n",
  "bench",
);

interface Workload {
  readonly name: string;
  readonly options: Omit<ReplayOptions, "startDelay">;
  /** Demand in full replicas, over history and run. */
  readonly loads: Float64Array;
  readonly start: number;
  readonly initial: number;
  readonly days: number;
}

interface Row {
  readonly violations: number;
  readonly unserved: number;
  readonly cost: number;
  readonly actions: number;
}

function load(name: string): Workload {
  const file = join(flags.traces!, `${name}.csv`);
  const trace = parseTrace(readFileSync(file, "utf8"), basename(file));
  const [series, demand] = [...trace.series][0] as [SeriesName, Float64Array];
  const day = Math.round(DAY / trace.step);
  const start = Math.floor(Math.floor(trace.ticks * HISTORY) / day) * day;
  const perReplica = quantile(demand.subarray(0, start), 0.995) / 40;
  const loads = demand.map((value) => value / perReplica);
  const initial = Math.max(1, ceiling(loads[start]));
  const capacity: Capacity = {
    owns: "desired",
    replicas: { count: initial },
    plan: [],
    perReplica: { [series]: perReplica },
    storage: {},
    network: {},
  };
  const from = trace.startsAt + start * trace.step;
  const options = {
    trace: { ...trace, series: new Map([[series, demand]]) },
    capacity,
    constraints: CONSTRAINTS,
    from,
  };
  return { name, options, loads, start, initial, days: (trace.ticks - start) / day };
}

/** As numpy does it: linear between the two nearest. */
function quantile(values: Float64Array, level: number): number {
  const sorted = values.toSorted();
  const at = level * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
}

type Runner = (workload: Workload, delay: number) => ReplaySummary;

function ruleOf(make: (workload: Workload, ahead: number) => Rule): Runner {
  return (workload, delay) => {
    const ahead = Math.ceil(delay / workload.options.trace.step);
    return simulateRule(make(workload, ahead), workload.loads.subarray(workload.start), ahead, workload.initial);
  };
}

function ours(violation: number | undefined, nativeRule?: NativeRule): Runner {
  return ({ options, initial }, startDelay) => {
    const capacity: Capacity =
      nativeRule === undefined
        ? options.capacity
        : { ...options.capacity, owns: "floor", replicas: { floor: initial, ceiling: 1_000_000 } };
    return replaySummary({ ...options, capacity, startDelay, violation, nativeRule, forecaster: createForecaster });
  };
}

const step = ({ options }: Workload) => options.trace.step;
const HPA = "HPA 50 %";
const AWS = "AWS-like predictive 50 %";
const PLANS: [string, Runner][] = (
  [
    ["target-tracking", "target tracking"],
    ["hpa", "HPA"],
  ] as const
).flatMap(([rule, name]) =>
  [0.01, 0.0125, 0.014].map((violation): [string, Runner] => [
    `Foreshadow plan, violation ${percent(violation)}, inside it ${name} 70 %`,
    ours(violation, rule),
  ]),
);
const RULES: [string, Runner][] = [
  [HPA, ruleOf((w) => horizontalPodAutoscaler(0.5, step(w)))],
  ["HPA 70 %", ruleOf((w) => horizontalPodAutoscaler(0.7, step(w)))],
  [AWS, ruleOf((w, ahead) => predictiveScaling(w.loads, w.start, 0.5, step(w), ahead))],
  ["AWS-like predictive 70 %", ruleOf((w, ahead) => predictiveScaling(w.loads, w.start, 0.7, step(w), ahead))],
  ["present demand only", ({ options }, startDelay) => replaySummary({ ...options, startDelay })],
  [`Foreshadow, violation ${percent(CONSTRAINTS.performance.violation)} (default)`, ours(undefined)],
  ["Foreshadow, violation 0.5 %", ours(0.005)],
  ["Foreshadow, violation 0.2 %", ours(0.002)],
  ...PLANS,
];

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function rowOf({ violationTicks, ticks, unservedShare, cost, minimumCost, actions }: ReplaySummary, days: number): Row {
  return {
    violations: (100 * violationTicks) / ticks,
    unserved: 100 * unservedShare,
    cost: cost / minimumCost,
    actions: actions / days,
  };
}

function cell({ violations, cost, actions }: Row): string {
  return `${violations.toFixed(2)} / ${cost.toFixed(2)} / ${actions.toFixed(0)}`;
}

function mean(rows: readonly Row[]): Row {
  const of = (key: keyof Row) => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  return { violations: of("violations"), unserved: of("unserved"), cost: of("cost"), actions: of("actions") };
}

const workloads = NAMES.map(load);

function pace(run: Runner): number {
  const before = process.cpuUsage();
  run(workloads[0], 300);
  const { user, system } = process.cpuUsage(before);
  return Math.round(workloads[0].options.trace.ticks / ((user + system) / 1e6) / 100) * 100;
}

/** Violations and cost of each plan over those of the rules that hold twice the demand. */
function besideRules(means: ReadonlyMap<string, Row>): string[] {
  const beside = (plan: Row, rule: Row) =>
    `${(plan.violations / rule.violations).toFixed(2)} / ${(plan.cost / rule.cost).toFixed(3)}`;
  return [
    `| plan | beside ${AWS} | beside ${HPA} |`,
    "| --- | --- | --- |",
    ...PLANS.map(([name]) => {
      const plan = means.get(name)!;
      return `| ${name} | ${beside(plan, means.get(AWS)!)} | ${beside(plan, means.get(HPA)!)} |`;
    }),
  ];
}

const parts: string[] = [];
for (const delay of DELAYS) {
  const means = new Map<string, Row>();
  parts.push(`### Start delay ${delay < 60 ? `${delay} s` : `${delay / 60} min`}`, "");
  parts.push(`| rule | mean | ${NAMES.join(" | ")} |`, `| --- | --- |${" --- |".repeat(NAMES.length)}`);
  for (const [name, run] of RULES) {
    const rows = workloads.map((workload) => rowOf(run(workload, delay), workload.days));
    means.set(name, mean(rows));
    parts.push(`| ${name} | **${cell(mean(rows))}** | ${rows.map(cell).join(" | ")} |`);
    console.error(`${delay} s  ${name.padEnd(46)} ${cell(mean(rows))}   ${rows.map(cell).join("   ")}`);
  }
  parts.push("");
  if (delay === DELAYS[DELAYS.length - 1])
    parts.push(
      "At this delay, means over the traces: violations / cost over those of the rule.",
      "",
      ...besideRules(means),
      "",
    );
}
parts.push(
  `Pace, ticks a second of CPU time with one workload, its history included: ${pace(ours(undefined))} decided each tick, ${pace(ours(undefined, "target-tracking"))} with a plan.`,
);

const table = parts.join("\n");
console.log(table);
replaceSection(OUT, "bench/replay.ts", table);
