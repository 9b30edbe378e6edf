import { replicasAt } from "../../model/capacity.ts";
import { DIMENSION_OF, type SeriesName, seriesValue } from "../../model/dimension.ts";
import type { SeriesView, WorkloadView } from "../api/engine-control.port.ts";
import { type Forecast, levelAtLeast, pointAt, quantileAt } from "../forecast/forecast.port.ts";
import type { DecideInput, Decision } from "../orchestrator/decide.port.ts";
import { levelFor } from "../orchestrator/policy.ts";
import { unitCapacity } from "./governed-series.ts";
import { readyReplicas, type Situation } from "./situation.ts";

/** A number for JSON: what is not known is null, never zero and never a text. */
export function orNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

export interface Evaluation {
  readonly situation: Situation;
  readonly input: DecideInput;
  readonly decision: Decision;
}

/** One workload at the end of a tick, for people and programs that watch. */
export function workloadView({ situation, input, decision }: Evaluation, changeset: string | undefined): WorkloadView {
  const { workload, capacity, at } = situation;
  const hold = (entry: { workload: string }) => entry.workload === workload.name || entry.workload === "*";
  return {
    name: workload.name,
    mode: workload.mode,
    at,
    asked: replicasAt(capacity, at),
    ready: readyReplicas(situation),
    reporting: input.health.reporting,
    need: decision.wants.present,
    target: replicasAt(decision.capacity, at),
    series: Object.fromEntries(situation.series.map((name) => [name, seriesView(name, situation)])),
    reasons: decision.reasons,
    short: decision.short === undefined ? undefined : shortText(decision.short),
    changeset,
    frozen: situation.freezes.find(hold),
    pin: situation.pins.find(hold),
  };
}

function shortText({ wanted, granted, by, rescue }: NonNullable<Decision["short"]>): string {
  return `${wanted} replicas wanted, ${granted} granted (${by})${rescue ? ": present demand is not served in full" : ""}`;
}

function seriesView(name: SeriesName, situation: Situation): SeriesView {
  const { constraints, vectors, forecasts, leadTime, project } = situation;
  const usage = vectors.map((vector) => seriesValue(name, vector.usage)).filter(Number.isFinite);
  const forecast = forecasts[name];
  const dimension = DIMENSION_OF[name];
  const scales = name === "storage" ? "up" : constraints.scales[dimension];
  const ahead = 1 + leadTime[scales === "out" ? "out" : "vertical"].p95 / project.step;
  const level = forecast && levelAtLeast(forecast, levelFor(constraints.performance.violation) - 1e-12);
  const missing = vectors
    .flatMap((vector) => vector.missing)
    .find(({ metric }) => metric === name || metric.startsWith(name));
  return {
    usage: usage.length === 0 ? null : orNull(usage.reduce((sum, value) => sum + value, 0)),
    demand: orNull(situation.demand.get(name)),
    forecast: orNull(forecast && pointAt(forecast, ahead)),
    upper: orNull(forecast && level && quantileAt(forecast, level, ahead)),
    capacity: orNull(
      carried(name, situation, scales, readyReplicas(situation), constraints.performance.utilisation[dimension]),
    ),
    model: forecast?.model ?? null,
    trusted: forecast?.evidence.trusted ?? false,
    ...trustedInPart(forecast),
    evidence: forecast?.evidence.reason ?? "no measurement yet",
    ...(missing === undefined ? {} : { missing: missing.reason }),
  };
}

/** Seconds ahead at which a forecast acts that does not at all of its horizons. */
export function trustedInPart(forecast: Forecast | undefined): Pick<SeriesView, "trustedAt"> {
  if (forecast === undefined || forecast.evidence.trusted) return {};
  const trustedAt = (forecast.evidence.horizons ?? [])
    .filter(({ trusted }) => trusted)
    .map(({ ahead }) => ahead * forecast.step);
  return trustedAt.length === 0 ? {} : { trustedAt };
}

/** Demand that the present capacity carries at the utilisation target. Memory is bought per replica, whatever its direction. */
function carried(
  name: SeriesName,
  { capacity, types }: Pick<Situation, "capacity" | "types">,
  scales: "out" | "up" | "none",
  ready: number,
  utilisation: number,
): number | undefined {
  const unit = unitCapacity(capacity, types)[name];
  if (unit === undefined) return undefined;
  return unit * utilisation * (scales === "out" || name === "memory" || name === "cpu" ? ready : 1);
}
