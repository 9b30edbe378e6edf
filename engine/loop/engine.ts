import { setTimeout as sleep } from "node:timers/promises";
import { type Changeset, UNDER_WAY } from "../../model/changeset.ts";
import type { Workload } from "../../model/project.ts";
import type { ApiEngine, UsersView } from "../api/api-engine.port.ts";
import {
  type BackfillRequest,
  type BackfillView,
  type EngineEvent,
  type EnvelopeProposal,
  type ForecastView,
  NotFound,
  type PlanView,
  type QuarantineMark,
  Refused,
  type ReportSpan,
  type StatusView,
  type WorkloadView,
} from "../api/engine-control.port.ts";
import { type EventFilter, isWanted } from "../api/event-filter.ts";
import { type FleetRow, fleetRows, type WorkloadStateName } from "../api/fleet.ts";
import { metricsPage } from "../api/metrics-page.ts";
import { Backfills } from "../backfill/backfills.ts";
import { loadedSpans } from "../backfill/loaded-spans.ts";
import type { Alert } from "../feedback/alert.ts";
import type { Quarantine } from "../feedback/quarantine.ts";
import type { ReportView } from "../feedback/report.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import { NotReversible } from "../orchestrator/change/inverse.ts";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import { isFinal } from "../orchestrator/change/transitions.ts";
import { decide } from "../orchestrator/decide.ts";
import { levelFor } from "../orchestrator/policy.ts";
import type { EngineParts } from "./engine-parts.ts";
import { Followers } from "./followers.ts";
import { forecastView } from "./forecast-view.ts";
import { Loop } from "./loop.ts";
import { Reporting } from "./reporting.ts";
import { seriesUsers } from "./series-users.ts";

/** A workload has one changeset that is not at its end. */
const MOST_OPEN = 100_000;

/** What people and programs ask of the engine and tell it. The work is the loop's and change's. */
export class Engine implements ApiEngine {
  readonly loop: Loop;
  readonly followers: Followers;
  readonly backfilling: Backfills;
  readonly #parts: EngineParts;
  readonly #startedAt: number;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.followers = new Followers(parts.clock);
    this.loop = new Loop(parts, this.followers);
    const { past, usage, control, clock, project, keepForecasts: keep } = parts;
    this.backfilling = new Backfills({
      ...{ past, usage, control, clock, keep },
      ...{ step: project.step, season: project.season },
      tickSeconds: () => this.loop.lastTickSeconds,
      learn: (workload, series) => this.loop.learnAgain(workload, series),
    });
  }

  async status(): Promise<StatusView> {
    return { ...(await this.summary()), workloads: this.#views() };
  }

  async summary(): Promise<Omit<StatusView, "workloads">> {
    const { control, version } = this.#parts;
    const { sequence, hash } = await control.head();
    const { lastTick, running } = this.loop;
    return {
      engine: { pid: process.pid, version, startedAt: this.#startedAt, lastTick, running },
      ledger: { sequence, hash },
      alerts: [...this.followers.alerts],
    };
  }

  async workload(name: string): Promise<WorkloadView & { readonly states: readonly WorkloadStateName[] }> {
    const { view = unseen(this.#parts.project.workloads.find((one) => one.name === name)!) } = this.loop.state(name);
    const [{ states }] = await this.#rows([view], name);
    return { ...view, states };
  }

  #views(): WorkloadView[] {
    return this.#parts.project.workloads.map((workload) => this.loop.state(workload.name).view ?? unseen(workload));
  }

  async users(name: string): Promise<UsersView> {
    this.loop.state(name);
    const vectors = await this.#parts.usage.latest(name);
    const at = vectors.length === 0 ? null : Math.max(...vectors.map((vector) => vector.at));
    return { workload: name, at, series: seriesUsers(vectors) };
  }

  fleet(): Promise<readonly FleetRow[]> {
    return this.#rows(this.#views());
  }

  /** @param workload whose the views are, where they are one workload's */
  async #rows(views: readonly WorkloadView[], workload?: string): Promise<FleetRow[]> {
    const { control, project } = this.#parts;
    const open = await control.changesets({ workload, states: [...UNDER_WAY, "awaiting-approval"], limit: MOST_OPEN });
    const stacks = new Map(project.workloads.map(({ name, stack }) => [name, stack.name]));
    return fleetRows(views, stacks, this.loop.feedback.alerts(), open);
  }

  async holds(): Promise<{ freezes: readonly Freeze[]; pins: readonly Pin[] }> {
    const { control, clock } = this.#parts;
    return { freezes: await control.freezes(), pins: await control.pins(clock.now()) };
  }

  ledger(from: number, limit: number): Promise<readonly LedgerEntry[]> {
    return this.#parts.control.ledger(from, limit);
  }

  async forecast(workload: string): Promise<ForecastView> {
    const { forecasting, evaluation, load } = this.loop.state(workload);
    const { project, constraints } = this.#parts;
    const level = levelFor(constraints.get(workload)!.performance.violation);
    const forecasts = evaluation?.situation.forecasts ?? forecasting.forecasts();
    const loaded = await loadedSpans(this.#parts.control, workload);
    return forecastView(workload, project.step, forecasts, forecasting, level, load.costs(), loaded);
  }

  async plan(workload: string): Promise<PlanView> {
    const { evaluation } = this.loop.state(workload);
    if (evaluation === undefined) throw new NotFound(`${workload}: no tick has been evaluated yet`);
    const { decision, situation, input } = evaluation;
    // As if the last publication were long ago: what would be published now.
    const lastActions = input.lastActions.filter(({ direction }) => direction !== "plan");
    const due = decide({ ...input, lastActions });
    const { capacity } = situation;
    return { workload, capacity, inForce: capacity.plan, proposed: due.capacity.plan, reasons: decision.reasons };
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
    this.loop.work(waiting, this.#parts.change.approve(id, by));
    return waiting;
  }

  async apply(id: string): Promise<Changeset> {
    const changeset = await this.changeset(id);
    if (isFinal(changeset.state))
      throw new Refused(`${id}: expected one that is not at its end, found ${changeset.state}`);
    const working = this.#parts.change.advance(id);
    this.loop.work(changeset, working);
    let settled = false;
    const end = () => {
      settled = true;
    };
    working.then(end, end);
    // Whether a merge has approved it is known only once git was asked.
    let present = changeset;
    while (!settled && present.state === "awaiting-approval") {
      await sleep(50);
      present = await this.changeset(id);
    }
    return this.changeset(id);
  }

  envelopes(): Promise<readonly EnvelopeProposal[]> {
    return this.loop.envelopes.waiting(this.#parts.project.workloads.map(({ stack }) => stack.name));
  }

  approveEnvelope(id: string, by: string): Promise<EnvelopeProposal> {
    return this.loop.envelopes.approve(id, by);
  }

  rejectEnvelope(id: string, by: string): Promise<EnvelopeProposal> {
    return this.loop.envelopes.reject(id, by);
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
    const { change } = this.#parts;
    try {
      const reverse = await change.rollback(id, by);
      this.loop.work(reverse, change.advance(reverse.id));
      return reverse;
    } catch (error) {
      if (error instanceof NotReversible) throw new Refused(error.message);
      throw error;
    }
  }

  async freeze(freeze: Omit<Freeze, "since">): Promise<void> {
    if (freeze.workload !== "*") this.loop.state(freeze.workload);
    const at = this.#parts.clock.now();
    const event = { at, kind: "freeze", workload: freeze.workload, body: { ...freeze } };
    await this.#parts.control.setFreeze({ ...freeze, since: at }, event);
  }

  async pin(pin: Pin): Promise<void> {
    if (pin.workload !== "*") this.loop.state(pin.workload);
    const event = { at: this.#parts.clock.now(), kind: "pin", workload: pin.workload, body: { ...pin } };
    await this.#parts.control.setPin(pin, event);
  }

  async unfreeze(workload: string, by: string): Promise<void> {
    const event = { at: this.#parts.clock.now(), kind: "unfreeze", workload, body: { by } };
    await this.#parts.control.removeFreeze(workload, event);
    await this.#parts.control.removePin(workload, event);
  }

  async alerts(): Promise<readonly Alert[]> {
    return this.loop.feedback.alerts();
  }

  async quarantines(workload?: string): Promise<readonly Quarantine[]> {
    if (workload !== undefined) this.loop.state(workload);
    return this.#parts.control.quarantines(workload);
  }

  async quarantine({ workload, from, to, reason, by }: QuarantineMark): Promise<Quarantine> {
    this.loop.state(workload);
    if (to !== undefined && to <= from) throw new Refused(`expected an end after ${from}, found ${to}`);
    const quarantine: Quarantine = {
      id: `q-${workload}-${Math.round(from)}-${Math.round(this.#parts.clock.now())}`,
      workload,
      kind: "marked",
      from,
      ...(to === undefined ? {} : { to }),
      reason,
      by,
    };
    await this.loop.feedback.mark(quarantine);
    return quarantine;
  }

  async undoQuarantine(id: string, by: string): Promise<Quarantine> {
    const found = (await this.#parts.control.quarantines()).find((one) => one.id === id);
    if (found === undefined) throw new NotFound(`no quarantine ${id}; list them with \`foreshadow quarantine list\``);
    if (found.undone !== undefined) throw new Refused(`${id} was undone already, by ${found.undone.by}`);
    const undone = { ...found, undone: { at: this.#parts.clock.now(), by } };
    await this.loop.feedback.mark(undone);
    return undone;
  }

  async backfill(request: BackfillRequest): Promise<BackfillView> {
    for (const workload of request.workloads) this.loop.state(workload);
    return this.backfilling.start(request);
  }

  async backfills(): Promise<readonly BackfillView[]> {
    return this.backfilling.list();
  }

  report({ workload, from, to }: ReportSpan): Promise<ReportView> {
    const { project } = this.#parts;
    const names = workload === undefined ? project.workloads.map(({ name }) => name) : [workload];
    const present = new Map(
      names.flatMap((name) => {
        const { evaluation } = this.loop.state(name);
        return evaluation === undefined ? [] : [[name, evaluation.situation.capacity] as const];
      }),
    );
    return new Reporting(this.#parts).report(names, from, to, present);
  }

  /** What `/metrics` shows, in Prometheus' text format. */
  async metrics(): Promise<string> {
    const { control, clock, host, leadTimes, process: ofProcess } = this.#parts;
    return metricsPage({
      status: await this.status(),
      ...this.loop.feedback.figures(clock.now()),
      tickSeconds: this.loop.tickSeconds,
      changesets: await control.changesetCounts(),
      leadTimes: leadTimes.measured(),
      ...(host && { forecasts: host.figures }),
      ...(ofProcess && {
        process: {
          lag: ofProcess.lag(),
          store: ofProcess.store(),
          usage: ofProcess.usage(),
          ...(ofProcess.spans && { spans: ofProcess.spans() }),
        },
      }),
    });
  }

  follow(listener: (event: EngineEvent) => void, signal: AbortSignal, filter: EventFilter = {}): Promise<void> {
    return this.followers.follow((event) => isWanted(event, filter) && listener(event), signal);
  }

  /** Change has recorded a step of a changeset. */
  async changesetMoved(id: string): Promise<void> {
    const changeset = await this.#parts.control.changeset(id);
    if (changeset !== undefined)
      this.followers.emit({ type: "changeset", changeset, text: `${id} ${changeset.state}` });
  }
}

function unseen({ name, mode }: Workload): WorkloadView {
  return { name, mode, at: null, asked: 0, ready: 0, reporting: 0, need: 0, target: 0, series: {}, reasons: [] };
}
