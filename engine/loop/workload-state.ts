import { UNDER_WAY } from "../../model/changeset.ts";
import type { Workload } from "../../model/project.ts";
import type { WorkloadView } from "../api/engine-control.port.ts";
import type { WorkloadFeedback } from "../feedback/workload-feedback.ts";
import { WorkloadLoad } from "../forecast/load/workload-load.ts";
import type { DecisionMemory, PastAction, PendingCapacity } from "../orchestrator/decide.port.ts";
import { decisionHorizons, decisionLevels, decisiveLevels, decisiveTicks } from "../orchestrator/horizons.ts";
import type { EngineParts } from "./engine-parts.ts";
import { Forecasting, type ForecastingSnapshot } from "./forecasting.ts";
import { actionsOf } from "./past-actions.ts";
import { RequestRate } from "./request-rate.ts";
import type { Evaluation } from "./views.ts";

/** Past actions older than this many seconds change no decision. */
const REMEMBER_ACTIONS = 8 * 86_400;

/** What is remembered of a workload between ticks. */
export interface WorkloadState {
  readonly forecasting: Forecasting;
  readonly load: WorkloadLoad;
  readonly requests: RequestRate;
  memory: DecisionMemory | undefined;
  asked: number | undefined;
  askedSince: number;
  /** What a replica is, as it was last asked for. */
  askedAs: string | undefined;
  actions: readonly PastAction[];
  evaluation: Evaluation | undefined;
  view: WorkloadView | undefined;
  /** The changeset that is worked on, or waits for a person. */
  changeset: string | undefined;
  /** What was last proposed and came to nothing, so that the same is not proposed every tick. */
  refused: { readonly after: string; readonly until: number } | undefined;
}

/** The state of a workload as an engine before this one left it in the stores. */
export async function loadWorkloadState(
  parts: EngineParts,
  { name }: Workload,
  snapshot: ForecastingSnapshot | undefined,
  feedback: WorkloadFeedback,
): Promise<WorkloadState> {
  const { control, clock } = parts;
  const now = clock.now();
  const forecasting = createForecasting(parts, name, feedback);
  if (snapshot !== undefined) forecasting.restore(snapshot);
  const load = createLoad(parts, name, snapshot);
  const done = await control.changesets({ workload: name, states: ["done", "diverged", "partial"], limit: 200 });
  const open = await control.changesets({ workload: name, states: [...UNDER_WAY, "awaiting-approval"], limit: 1 });
  return {
    forecasting,
    load,
    requests: new RequestRate(),
    memory: undefined,
    asked: undefined,
    askedSince: now,
    askedAs: undefined,
    actions: recent(done.flatMap(actionsOf), now),
    evaluation: undefined,
    view: undefined,
    changeset: open[0]?.id,
    refused: undefined,
  };
}

function createForecasting(
  { project, constraints, leadTimes, usage, createForecaster, events }: EngineParts,
  name: string,
  feedback: WorkloadFeedback,
): Forecasting {
  const limits = constraints.get(name)!;
  const { step, season, plan } = project;
  const horizon = Math.min(limits.forecast.horizon, season);
  const leadTime = Math.max(leadTimes.of(name, "out").p95, leadTimes.of(name, "vertical").p95);
  // Longer than a week ahead nothing is forecast, however long a lead time was.
  const furthest = 7 * Math.round(season / step);
  const published = { horizon, granularity: plan.granularity, interval: plan.every };
  const horizons = decisionHorizons(step, leadTime, limits, published);
  return new Forecasting(
    {
      workload: name,
      step,
      season,
      levels: decisionLevels(limits, published),
      horizons: horizons.filter((ahead) => ahead <= furthest),
      decisiveWithin: Math.min(furthest, decisiveTicks(step, leadTime, limits, published)),
      decisiveLevels: decisiveLevels(limits, published),
      tier: limits.forecast.tier,
      // A season is compared where one may borrow from another.
      ...(project.workloads.some(({ coldStart }) => coldStart !== undefined) && { recent: Math.round(season / step) }),
    },
    usage,
    createForecaster,
    events?.of(name),
    feedback,
  );
}

function createLoad(
  { project: { step, season }, constraints, leadTimes }: EngineParts,
  name: string,
  snapshot: ForecastingSnapshot | undefined,
): WorkloadLoad {
  const ahead = Math.max(1, Math.ceil(leadTimes.of(name, "out").p95 / step));
  const levels = decisionLevels(constraints.get(name)!);
  const load = new WorkloadLoad({ season: Math.round(season / step), levels, ahead });
  try {
    if (snapshot?.load !== undefined) load.restore(snapshot.load);
  } catch {
    return new WorkloadLoad({ season: Math.round(season / step), levels, ahead });
  }
  return load;
}

/** The actions that can still change a decision. */
export function recent(actions: readonly PastAction[], now: number): PastAction[] {
  return actions.filter(({ at }) => now - at < REMEMBER_ACTIONS);
}

/** Replicas that were asked for and do not serve yet, since they were asked for: more of them, or such as they are now. */
export function pendingReplicas(
  state: Pick<WorkloadState, "asked" | "askedSince" | "askedAs">,
  { asked, as }: { readonly asked: number; readonly as: string },
  ready: number,
  at: number,
): PendingCapacity[] {
  if (state.asked === undefined || asked > state.asked || as !== state.askedAs) state.askedSince = at;
  state.asked = asked;
  state.askedAs = as;
  return asked > ready ? [{ replicas: asked - ready, since: state.askedSince, kind: "out" }] : [];
}
