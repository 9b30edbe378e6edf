import { parseConstraints } from "../../model/constraints.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import type { DecideInput } from "./decide.port.ts";

/** For tests: Monday 2026-11-23T12:00Z. */
export const NOON = Date.UTC(2026, 10, 23, 12) / 1000;

/** For tests: constraints as a file would give them. CPU may be used in full, so that need is demand over capacity. */
export function constraintsOf(text = "") {
  return parseConstraints(
    `version: 1\n${text === "" ? "performance: { utilisation: { cpu: 100% } }" : text}`,
    "test.yaml",
  );
}

/** For tests: a trusted forecast of a value in the next hour, then another; the quantiles lie on it. */
export function forecastOf(series: SeriesName, soon: number, later = soon, trusted = true): Forecast {
  const levels = [0.1, 0.5, 0.9, 0.95, 0.99];
  return {
    series,
    issuedAt: NOON,
    step: 60,
    levels,
    horizons: [1, 6, 12, 16, 60, 61, 1440],
    values: levels.map(() => Float64Array.of(soon, soon, soon, soon, soon, later, later)),
    point: Float64Array.of(soon, soon, soon, soon, soon, later, later),
    model: "stated",
    evidence: {
      trusted,
      reason: trusted ? "stated" : "no skill",
      samples: 1000,
      skill: 0.5,
      coverage: {},
      historyDays: 14,
    },
  };
}

/** For tests: ten replicas of one core, all reporting, with ten cores of demand; start takes five minutes. */
export function inputOf(change: Partial<DecideInput> = {}): DecideInput {
  const health = { known: 10, reporting: 10, warming: 0, stale: false };
  return {
    workload: "web",
    now: NOON,
    step: 60,
    mode: "auto",
    forecasts: {},
    demand: { cpu: { value: 10, at: NOON, censored: false } },
    health,
    capacity: { owns: "desired", replicas: { count: 10 }, plan: [], perReplica: { cpu: 1 }, storage: {}, network: {} },
    ready: 10,
    pending: [],
    lastActions: [],
    leadTime: { out: { p95: 300, p99: 400 }, in: { p95: 10, p99: 20 }, vertical: { p95: 60, p99: 120 } },
    constraints: constraintsOf(),
    holds: { pins: [] },
    ...change,
  };
}

/** For tests: demand of CPU now. */
export function cpuDemand(value: number): DecideInput["demand"] {
  return { cpu: { value, at: NOON, censored: false } };
}
