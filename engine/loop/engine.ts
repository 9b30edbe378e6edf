import { type Capacity, parseCapacity, replicasAt } from "../../model/capacity.ts";
import type { Changeset, ChangesetState } from "../../model/changeset.ts";
import type { Constraints } from "../../model/constraints.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Project, Workload } from "../../model/project.ts";
import {
  type EngineControl,
  type EngineEvent,
  type ForecastView,
  NotFound,
  type PlanView,
  Refused,
  type StatusView,
  type WorkloadView,
} from "../api/engine-control.port.ts";
import type { Clock } from "../clock.port.ts";
import type { ForecasterFactory } from "../forecast/forecast.port.ts";
import type { ControlStore, Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import { NotReversible } from "../orchestrator/change/inverse.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";
import type { DecisionMemory, PastAction, PendingCapacity } from "../orchestrator/decide.port.ts";
import { decide } from "../orchestrator/decide.ts";
import { encodeDecideInput } from "../orchestrator/decide-json.ts";
import { decisionHorizons, decisionLevels } from "../orchestrator/horizons.ts";
import type { TargetStatusPort } from "../orchestrator/target-status.port.ts";
import type { UsageStore } from "../usage/usage-store.port.ts";
import type { ChangeControl } from "./change-control.port.ts";
import { digest, evidenceOf } from "./evidence.ts";
import { Forecasting, type ForecastingSnapshot } from "./forecasting.ts";
import { governedSeries } from "./governed-series.ts";
import type { LeadTimes } from "./lead-times.ts";
import { actionsOf, leadTimeKind } from "./past-actions.ts";
import { decideInput, readyReplicas, type Situation } from "./situation.ts";
import { type Evaluation, forecastView, workloadView } from "./views.ts";

export interface EngineParts {
  readonly project: Project;
  readonly constraints: ReadonlyMap<string, Constraints>;
  readonly control: ControlStore;
  readonly usage: UsageStore;
  readonly review: ReviewHost;
  readonly change: ChangeControl;
  readonly status: TargetStatusPort;
  readonly leadTimes: LeadTimes;
  readonly createForecaster: ForecasterFactory;
  readonly clock: Clock;
  readonly version: string;
}

/** States in which a changeset is on its way: no other is proposed for its workload meanwhile. */
const UNDER_WAY: readonly ChangesetState[] = [
  "proposed",
  "previewing",
  "approved",
  "applying",
  "verifying",
  "interrupted",
];
/** Past actions older than this many seconds change no decision. */
const REMEMBER_ACTIONS = 8 * 86_400;

/** What is remembered of a workload between ticks. */
interface Remembered {
  readonly forecasting: Forecasting;
  memory: DecisionMemory | undefined;
  asked: number | undefined;
  askedSince: number;
  actions: PastAction[];
  evaluation: Evaluation | undefined;
  view: WorkloadView | undefined;
  /** The changeset that this loop drives or that waits for a person. */
  changeset: string | undefined;
  /** What was last proposed and came to nothing, so that the same is not proposed every tick. */
  refused: { readonly after: string; readonly until: number } | undefined;
}

/** The loop of one engine: observe, forecast, decide, and hand what is to change to change. */
export class Engine implements EngineControl {
  readonly #parts: EngineParts;
  readonly #remembered = new Map<string, Remembered>();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #alerts: string[] = [];
  readonly #startedAt: number;
  /** Changesets under way, so that a stop can wait for them. */
  readonly #driving = new Set<Promise<unknown>>();
  #lastTick: number | null = null;
  #running = true;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
  }

  /** Reads what was remembered by an engine before this one. @param models state of forecasters by workload */
  async load(models: ReadonlyMap<string, ForecastingSnapshot>): Promise<void> {
    const { control, project, constraints, leadTimes, clock } = this.#parts;
    await leadTimes.load(project.workloads.map(({ name }) => name));
    const last = await control.value("last-tick");
    this.#lastTick = last === undefined ? null : Number(last);
    for (const workload of project.workloads) {
      const limits = constraints.get(workload.name)!;
      const plan = {
        horizon: Math.min(limits.forecast.horizon, project.season),
        granularity: project.plan.granularity,
        interval: project.plan.every,
      };
      const leadTime = Math.max(leadTimes.of(workload.name, "out").p95, leadTimes.of(workload.name, "vertical").p95);
      const seasonTicks = Math.round(project.season / project.step);
      const forecasting = new Forecasting(
        {
          workload: workload.name,
          step: project.step,
          season: project.season,
          levels: decisionLevels(limits),
          horizons: decisionHorizons(project.step, leadTime, limits, plan).filter((ahead) => ahead <= 7 * seasonTicks),
          tier: limits.forecast.tier,
        },
        this.#parts.usage,
        this.#parts.createForecaster,
      );
      const snapshot = models.get(workload.name);
      if (snapshot !== undefined) forecasting.restore(snapshot);
      const done = await control.changesets({
        workload: workload.name,
        states: ["done", "diverged", "partial"],
        limit: 200,
      });
      const open = await control.changesets({
        workload: workload.name,
        states: [...UNDER_WAY, "awaiting-approval"],
        limit: 1,
      });
      this.#remembered.set(workload.name, {
        forecasting,
        memory: undefined,
        asked: undefined,
        askedSince: clock.now(),
        actions: done.filter(({ updatedAt }) => clock.now() - updatedAt < REMEMBER_ACTIONS).flatMap(actionsOf),
        evaluation: undefined,
        view: undefined,
        changeset: open[0]?.id,
        refused: undefined,
      });
    }
  }

  /**
   * One tick: everything that ended by now and was not looked at before. A clock that steps back makes no second tick of the
   * same time.
   *
   * @returns whether there was a tick
   */
  async tick(): Promise<boolean> {
    const { project, control, clock } = this.#parts;
    const at = Math.floor(clock.now() / project.step) * project.step;
    if (!this.#running || (this.#lastTick !== null && at <= this.#lastTick)) return false;
    this.#lastTick = at;
    await control.setValue("last-tick", String(at));
    await control.recordHolds?.(at);
    const [freezes, pins] = [await control.freezes(), await control.pins(at)];
    const digests: string[] = [];
    for (const workload of project.workloads) {
      try {
        digests.push(await this.#evaluate(workload, at, freezes, pins));
      } catch (error) {
        this.alert(`${workload.name}: the tick at ${at} was not evaluated: ${(error as Error).message}`, workload.name);
      }
    }
    await control.record({ at, kind: "tick", body: { workloads: digests.length, digest: digest(digests.join("\n")) } });
    return true;
  }

  async #evaluate(workload: Workload, at: number, freezes: readonly Freeze[], pins: readonly Pin[]): Promise<string> {
    const remembered = this.#remember(workload.name);
    const situation = await this.#situation(workload, at, remembered, freezes, pins);
    const input = decideInput(situation);
    const decision = decide(input);
    remembered.memory = decision.memory;
    remembered.evaluation = { situation, input, decision };
    const encoded = encodeDecideInput(input);
    await this.#act(workload, remembered, encoded);
    remembered.view = workloadView(remembered.evaluation, remembered.changeset);
    if (decision.short?.rescue) this.alert(`${workload.name}: ${remembered.view.short}`, workload.name);
    this.#emit({ type: "tick", workload: remembered.view });
    return digest(encoded);
  }

  async #situation(
    workload: Workload,
    at: number,
    remembered: Remembered,
    freezes: readonly Freeze[],
    pins: readonly Pin[],
  ): Promise<Situation> {
    const { project, constraints, usage, status, leadTimes } = this.#parts;
    const limits = constraints.get(workload.name)!;
    const capacity = await this.#capacity(workload);
    const series = governedSeries(capacity, limits);
    await remembered.forecasting.catchUp(series, at);
    const demand = new Map<SeriesName, number>(
      series.map((name) => [name, remembered.forecasting.recent(name).at(-1) ?? Number.NaN]),
    );
    const target = status.read(workload.name);
    const vectors = await usage.latest(workload.name);
    const partial = { status: target, vectors, capacity, at };
    return {
      ...partial,
      project,
      workload,
      constraints: limits,
      series,
      forecasts: remembered.forecasting.forecasts(),
      demand,
      pending: pendingOf(remembered, replicasAt(capacity, at), readyReplicas(partial), at),
      freezes,
      pins,
      lastActions: remembered.actions,
      leadTime: {
        out: leadTimes.of(workload.name, "out"),
        in: leadTimes.of(workload.name, "in"),
        vertical: leadTimes.of(workload.name, "vertical"),
      },
      memory: remembered.memory,
    };
  }

  /** What git asks for now: the branch's capacity file. */
  async #capacity({ name, stack }: Workload): Promise<Capacity> {
    const { review } = this.#parts;
    const path = `capacity/${stack.name}.yaml`;
    const text = await review.read(await review.head(), path);
    const capacity = text === undefined ? undefined : parseCapacity(text, path).get(name);
    if (capacity === undefined)
      throw new Error(
        `${path}: expected the workload ${name} on the branch, found ${text === undefined ? "no such file" : "no such workload"}`,
      );
    return capacity;
  }

  /** Proposes what was decided where the mode wants it, and drives it on beside the ticks. */
  async #act(workload: Workload, remembered: Remembered, encoded: string): Promise<void> {
    const { decision, input } = remembered.evaluation!;
    if (workload.mode === "observe" || !decision.changed) return;
    const auto = workload.mode === "auto";
    const onItsOwn = auto && JSON.stringify(decision.automatic) !== JSON.stringify(input.capacity);
    const after = onItsOwn ? decision.automatic : decision.capacity;
    const text = JSON.stringify(after);
    if (remembered.refused !== undefined && remembered.refused.after === text && input.now < remembered.refused.until)
      return;
    if (await this.#waits(remembered, text)) return;
    const changeset = await this.#parts.change.propose({
      workload: workload.name,
      stack: workload.stack,
      after,
      reasons: decision.reasons,
      evidence: evidenceOf(input, encoded, this.#parts.version),
      mode: onItsOwn ? "auto" : "review",
      urgent: decision.wants.present > replicasAt(input.capacity, input.now),
    });
    this.#follow(changeset, this.#parts.change.advance(changeset.id));
  }

  /** Whether a changeset of the workload is on its way, or waits for a person with the same capacity. */
  async #waits(remembered: Remembered, after: string): Promise<boolean> {
    if (remembered.changeset === undefined) return false;
    const open = await this.#parts.control.changeset(remembered.changeset);
    if (open === undefined) return false;
    return (
      UNDER_WAY.includes(open.state) || (open.state === "awaiting-approval" && JSON.stringify(open.after) === after)
    );
  }

  /** Follows a changeset that change is working on, beside the ticks. */
  #follow(changeset: Changeset, work: Promise<Changeset>): void {
    const remembered = this.#remember(changeset.workload);
    remembered.changeset = changeset.id;
    const driving = work
      .then((after) => this.#ended(changeset.workload, remembered, after))
      .catch((error: unknown) => this.alert(`${changeset.id}: ${(error as Error).message}`, changeset.workload))
      .finally(() => this.#driving.delete(driving));
    this.#driving.add(driving);
  }

  async #ended(name: string, remembered: Remembered, changeset: Changeset): Promise<void> {
    const { leadTimes, clock, project } = this.#parts;
    if (remembered.changeset === changeset.id && changeset.state !== "awaiting-approval")
      remembered.changeset = undefined;
    if (changeset.state === "done") {
      remembered.actions = [...remembered.actions, ...actionsOf(changeset)].filter(
        ({ at }) => clock.now() - at < REMEMBER_ACTIONS,
      );
      if (changeset.leadTime !== undefined) await leadTimes.record(name, leadTimeKind(changeset), changeset.leadTime);
    } else if (changeset.state !== "awaiting-approval") {
      remembered.refused = { after: JSON.stringify(changeset.after), until: clock.now() + 10 * project.step };
      this.alert(
        `${changeset.id} ended ${changeset.state}${changeset.failure ? `: ${changeset.failure.message}` : ""}`,
        name,
      );
    }
    this.#emit({ type: "changeset", changeset, text: `${changeset.id} ${changeset.state}` });
  }

  #remember(name: string): Remembered {
    const remembered = this.#remembered.get(name);
    if (remembered === undefined)
      throw new NotFound(
        `no workload ${name}; there are ${this.#parts.project.workloads.map((workload) => workload.name).join(", ")}`,
      );
    return remembered;
  }

  /** A changeset is being worked on. */
  get busy(): boolean {
    return this.#driving.size > 0;
  }

  /** No further ticks; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.allSettled([...this.#driving]);
  }

  /** State of all forecasters, by workload. */
  snapshots(): Map<string, ForecastingSnapshot> {
    return new Map([...this.#remembered].map(([name, { forecasting }]) => [name, forecasting.snapshot()]));
  }

  /** Tells those who follow, and keeps the last ones for `status`. */
  alert(text: string, workload?: string): void {
    const at = this.#parts.clock.now();
    if (this.#alerts.at(-1) !== text) this.#alerts.push(text);
    this.#alerts.splice(0, this.#alerts.length - 50);
    this.#emit({ type: "alert", workload, text, at });
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** A changeset of a former engine has been looked at: what is still on its way is driven on. */
  recovered(changeset: Changeset): void {
    const remembered = this.#remembered.get(changeset.workload);
    if (remembered === undefined) return;
    if (UNDER_WAY.includes(changeset.state)) remembered.changeset = changeset.id;
    else if (changeset.state === "done") remembered.actions.push(...actionsOf(changeset));
    this.#emit({ type: "changeset", changeset, text: `${changeset.id} ${changeset.state}` });
  }

  /** Change has recorded a step of a changeset. */
  changesetMoved(id: string): void {
    void this.#parts.control
      .changeset(id)
      .then((changeset) => {
        if (changeset !== undefined) this.#emit({ type: "changeset", changeset, text: `${id} ${changeset.state}` });
      })
      .catch(() => {});
  }

  async status(): Promise<StatusView> {
    const { control, version, project } = this.#parts;
    const { sequence, hash } = await control.head();
    return {
      engine: {
        pid: process.pid,
        version,
        startedAt: this.#startedAt,
        lastTick: this.#lastTick,
        running: this.#running,
      },
      ledger: { sequence, hash },
      workloads: project.workloads.map(({ name, mode }) => this.#remember(name).view ?? unseen(name, mode)),
      alerts: [...this.#alerts],
    };
  }

  async forecast(workload: string): Promise<ForecastView> {
    const { forecasting } = this.#remember(workload);
    return forecastView(workload, this.#parts.project.step, forecasting.forecasts(), forecasting);
  }

  async plan(workload: string): Promise<PlanView> {
    const { evaluation } = this.#remember(workload);
    if (evaluation === undefined) throw new NotFound(`${workload}: no tick has been evaluated yet`);
    const { decision, situation, input } = evaluation;
    // As if the last publication were long ago: what would be published now.
    const due = decide({ ...input, lastActions: input.lastActions.filter(({ direction }) => direction !== "plan") });
    return {
      workload,
      capacity: situation.capacity,
      inForce: situation.capacity.plan,
      proposed: due.capacity.plan,
      reasons: decision.reasons,
    };
  }

  changesets(workload?: string): Promise<readonly Changeset[]> {
    return this.#parts.control.changesets({ workload, limit: 200 });
  }

  async changeset(id: string): Promise<Changeset> {
    const changeset = await this.#parts.control.changeset(id);
    if (changeset === undefined) throw new NotFound(`no changeset ${id}`);
    return changeset;
  }

  async approve(id: string, by: string): Promise<Changeset> {
    const waiting = await this.#awaiting(id);
    this.#follow(waiting, this.#parts.change.approve(id, by));
    return waiting;
  }

  async reject(id: string, by: string): Promise<Changeset> {
    await this.#awaiting(id);
    return this.#parts.change.reject(id, by);
  }

  async #awaiting(id: string): Promise<Changeset> {
    const changeset = await this.changeset(id);
    if (changeset.state !== "awaiting-approval")
      throw new Refused(`${id}: expected one that awaits approval, found ${changeset.state}`);
    return changeset;
  }

  async rollback(id: string, by: string): Promise<Changeset> {
    await this.changeset(id);
    try {
      const reverse = await this.#parts.change.rollback(id, by);
      this.#follow(reverse, this.#parts.change.advance(reverse.id));
      return reverse;
    } catch (error) {
      if (error instanceof NotReversible) throw new Refused(error.message);
      throw error;
    }
  }

  async freeze(freeze: Omit<Freeze, "since">): Promise<void> {
    const at = this.#parts.clock.now();
    await this.#parts.control.setFreeze(
      { ...freeze, since: at },
      { at, kind: "freeze", workload: freeze.workload, body: { ...freeze } },
    );
  }

  async pin(pin: Pin): Promise<void> {
    const at = this.#parts.clock.now();
    await this.#parts.control.setPin(pin, { at, kind: "pin", workload: pin.workload, body: { ...pin } });
  }

  async unfreeze(workload: string, by: string): Promise<void> {
    const event = { at: this.#parts.clock.now(), kind: "unfreeze", workload, body: { by } };
    await this.#parts.control.removeFreeze(workload, event);
    await this.#parts.control.removePin(workload, event);
  }

  follow(listener: (event: EngineEvent) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.#listeners.add(listener);
      signal.addEventListener("abort", () => {
        this.#listeners.delete(listener);
        resolve();
      });
    });
  }
}

/** Replicas that were asked for and do not serve yet, since they were asked for. */
function pendingOf(remembered: Remembered, asked: number, ready: number, at: number): PendingCapacity[] {
  if (remembered.asked === undefined || asked > remembered.asked) remembered.askedSince = at;
  remembered.asked = asked;
  return asked > ready ? [{ replicas: asked - ready, since: remembered.askedSince, kind: "out" }] : [];
}

function unseen(name: string, mode: Workload["mode"]): WorkloadView {
  return { name, mode, at: null, asked: 0, ready: 0, reporting: 0, need: 0, target: 0, series: {}, reasons: [] };
}
