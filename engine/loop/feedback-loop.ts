import type { SeriesName } from "../../model/dimension.ts";
import type { Project } from "../../model/project.ts";
import type { UsageVector } from "../../model/vector.ts";
import type { Clock } from "../clock.port.ts";
import type { Alert, AlertEvent } from "../feedback/alert.ts";
import { AlertBook } from "../feedback/alert-book.ts";
import type { AlertSink } from "../feedback/alert-sink.port.ts";
import { type Correction, withCorrection } from "../feedback/correction.ts";
import { inForce, type Quarantine } from "../feedback/quarantine.ts";
import { correctionFor, explains, judge, outgrown, type Recalibration, verdict } from "../feedback/recalibration.ts";
import { type Change, SeriesWatch } from "../feedback/series-watch.ts";
import { type Live, WorkloadFeedback } from "../feedback/workload-feedback.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import type { Decision } from "../orchestrator/decide.port.ts";
import type { TargetStatus } from "../orchestrator/target-status.port.ts";
import type { EngineParts } from "./engine-parts.ts";
import type { Followers } from "./followers.ts";
import type { Forecasting } from "./forecasting.ts";
import { reportingReplicas } from "./situation.ts";

/** Ticks after a recalibration over which its error is taken and recorded. */
const OUTCOME_TICKS = 30;
/** Seasons without another attempt after one that was taken back: an eighth for each. */
const FIRST_PATIENCE = 1 / 16;
const MOST_PATIENCE = 4;
/** Seasons of the past that corrections still bear on. */
const REMEMBERED_SEASONS = 15;

interface Outcome {
  readonly of: "refit" | "reweigh";
  readonly series: SeriesName;
  readonly due: number;
  /** Before the change, and since it before anything was done. */
  readonly former: number;
  readonly present: number;
}

/** What a recalibration displaced, while it is still to be seen whether that was right. */
interface Trial {
  readonly since: number;
  readonly factor: number;
  readonly corrections: readonly Correction[];
}

interface State {
  readonly trials: Map<SeriesName, Trial>;
  /** Recalibrations of a series that were taken back, and until when none is tried again. */
  readonly patience: Map<SeriesName, { readonly failures: number; readonly until: number }>;
  readonly feedback: WorkloadFeedback;
  /** Whether capacity that was asked for comes. */
  readonly capacity: AlertBook;
  readonly outcomes: Outcome[];
  /** Whether forecasts were trusted when they were last looked at. */
  readonly trusted: Map<SeriesName, boolean>;
  /** The past of these is to be learnt again. */
  readonly relearn: Set<SeriesName>;
}

/** Feedback in the engine's loop: its findings become alerts, quarantines and recalibrations, each on record. */
export class FeedbackLoop {
  readonly #project: Project;
  readonly #control: EngineParts["control"];
  readonly #clock: Clock;
  readonly #followers: Followers;
  readonly #sink: AlertSink | undefined;
  readonly #states = new Map<string, State>();
  #recalibrations = 0;

  constructor(
    parts: { readonly project: Project; readonly control: EngineParts["control"]; readonly clock: Clock },
    followers: Followers,
    sink?: AlertSink,
  ) {
    this.#project = parts.project;
    this.#control = parts.control;
    this.#clock = parts.clock;
    this.#followers = followers;
    this.#sink = sink;
  }

  /** What an engine before this one knew of a workload. Marks of the project that are new are recorded. */
  async load(workload: string): Promise<WorkloadFeedback> {
    const { step, season, marks } = this.#project;
    const feedback = new WorkloadFeedback(workload, step, season);
    const known = new Set((await this.#control.quarantines(workload)).map(({ id }) => id));
    for (const mark of marks) {
      if (mark.workload !== undefined && mark.workload !== workload) continue;
      const id = `q-${workload}-mark-${Math.round(mark.at)}`;
      if (known.has(id)) continue;
      const { at: from, reason } = mark;
      await this.#save({ id, workload, kind: mark.kind, from, to: from + mark.for, reason, by: "project" }, "marked");
    }
    feedback.quarantines = await this.#control.quarantines(workload);
    const corrections = await this.#control.value(key(workload));
    if (corrections !== undefined) feedback.corrections = JSON.parse(corrections) as Correction[];
    this.#states.set(workload, {
      feedback,
      capacity: new AlertBook(workload, 1),
      outcomes: [],
      trusted: new Map(),
      relearn: new Set(),
      trials: new Map(),
      patience: new Map(),
    });
    return feedback;
  }

  /** What is known of the tick that has just ended besides the demand that the store has. */
  live({ vectors, status }: { vectors: readonly UsageVector[]; status: TargetStatus | undefined }): Live {
    const sum = (metric: "errors" | "requests") => {
      const values = vectors.flatMap(({ usage }) => usage[metric] ?? []).filter(Number.isFinite);
      return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
    };
    return {
      vectors,
      // Without a word of the target it is not known how many should report: what was asked for may still be starting.
      expected: status?.ready ?? 0,
      reporting: reportingReplicas(vectors),
      errors: sum("errors"),
      requests: sum("requests"),
    };
  }

  /**
   * After a tick was fed: tells what was found, and makes forecasters anew where that helps.
   *
   * @returns what is wrong with the workload, if something is
   */
  async after(workload: string, at: number, forecasting: Forecasting): Promise<string | undefined> {
    const state = this.#states.get(workload);
    if (state === undefined) return undefined;
    const { alerts, incident } = state.feedback.findings(at);
    await this.#tell(workload, at, alerts);
    await this.#keepApart(state, workload, at, incident);
    await this.#settle(state, workload, at);
    await this.#review(state, workload, at, forecasting);
    await this.#relearn(state, workload, forecasting);
    if (incident === undefined) await this.#recalibrate(state, workload, at, forecasting);
    const quarantine = inForce(state.feedback.quarantines, at);
    return quarantine && `${quarantine.kind}: ${quarantine.reason}`;
  }

  /** Takes note of forecasts that act no longer, having lost their skill, and of those that act from now on. */
  async trust(workload: string, at: number, forecasts: Iterable<Forecast>): Promise<void> {
    const state = this.#states.get(workload);
    if (state === undefined) return;
    for (const { series, fallbackFrom, evidence } of forecasts) {
      // What stands in for a tick says nothing of what it stands in for.
      if (fallbackFrom !== undefined) continue;
      const before = state.trusted.get(series);
      state.trusted.set(series, evidence.trusted);
      if (before === undefined || before === evidence.trusted) continue;
      const action = evidence.trusted ? "promote" : "demote";
      const watch = state.feedback.watch(series);
      const [former, present] = [watch.usualError(), watch.error(watch.reach)];
      const { reason } = evidence;
      const trusted = (evidence.horizons ?? []).filter((one) => one.trusted).map(({ ahead }) => ahead);
      const horizons = evidence.horizons && { horizons: trusted };
      const body = { action, series, reason, reach: watch.reach, former, present, ...horizons };
      await this.#control.record({ at, kind: "recalibration", workload, body });
      const told = evidence.trusted ? "may act from now on" : "act no longer";
      this.#followers.note(`${workload}: ${series} forecasts ${told}: ${reason}`, workload);
    }
  }

  /** An incident has a quarantine for as long as it lasts. */
  async #keepApart(
    { feedback }: State,
    workload: string,
    at: number,
    incident: { kind: Quarantine["kind"]; reason: string } | undefined,
  ): Promise<void> {
    const open = feedback.quarantines.find(({ by, to, undone }) => by === "engine" && to === undefined && !undone);
    if (open !== undefined && open.kind === incident?.kind) return;
    const from = at - this.#project.step;
    if (open !== undefined) await this.#save({ ...open, to: Math.max(from, open.from) }, "over");
    if (incident !== undefined) {
      const id = `q-${workload}-${Math.round(from)}`;
      const { kind, reason } = incident;
      await this.#save({ id, workload, kind, from, reason, by: "engine" }, "opened");
    }
    if (open !== undefined || incident !== undefined) feedback.quarantines = await this.#control.quarantines(workload);
  }

  async #save(quarantine: Quarantine, what: string): Promise<void> {
    const { workload } = quarantine;
    const body = { what, ...quarantine };
    await this.#control.saveQuarantine(quarantine, { at: this.#clock.now(), kind: "quarantine", workload, body });
  }

  /** A person marks a span of time, or takes a quarantine back: the past is learnt again at the next tick. */
  async mark(quarantine: Quarantine): Promise<void> {
    const state = this.#states.get(quarantine.workload);
    await this.#save(quarantine, quarantine.undone === undefined ? "marked" : "undone");
    if (state === undefined) return;
    if (quarantine.undone !== undefined && quarantine.by === "engine" && quarantine.to === undefined)
      state.feedback.dismissIncident();
    state.feedback.quarantines = await this.#control.quarantines(quarantine.workload);
    for (const series of state.feedback.series) state.relearn.add(series);
  }

  async #relearn({ feedback, relearn }: State, workload: string, forecasting: Forecasting): Promise<void> {
    for (const series of relearn) {
      relearn.delete(series);
      const watch = new SeriesWatch(series, Math.round(this.#project.season / this.#project.step));
      const forecaster = await forecasting.refit(series, feedback.teacher(series), watch);
      if (forecaster === undefined) continue;
      forecasting.adopt(series, forecaster);
      feedback.replace(watch);
      this.#followers.note(`${workload}: ${series} was learnt again from its past`, workload);
    }
  }

  /**
   * Learns a series again from its stored past, beside the ticks.
   *
   * @param until end of the last tick
   * @returns what puts it in the place of what was learnt before, when no tick is under way
   */
  async learnAgain(
    workload: string,
    series: SeriesName,
    until: number,
    forecasting: Forecasting,
  ): Promise<() => Promise<void>> {
    const state = this.#states.get(workload);
    if (state === undefined) return async () => {};
    const { feedback } = state;
    const watch = new SeriesWatch(series, Math.round(this.#project.season / this.#project.step));
    const adopt = await forecasting.learnAgain(series, until, feedback.teacher(series), watch);
    return async () => {
      await adopt();
      feedback.replace(watch);
      this.#followers.note(`${workload}: ${series} was learnt again from its past`, workload);
    };
  }

  /** At most one forecaster of a workload is made anew in a tick. */
  async #recalibrate(state: State, workload: string, at: number, forecasting: Forecasting): Promise<void> {
    const { feedback } = state;
    const [change] = feedback.changes();
    if (change === undefined) return;
    const { series } = change;
    feedback.watch(series).answered();
    if (await this.#refit(state, change, workload, at, forecasting)) return;
    await this.#reweigh(state, change, workload, at, forecasting);
  }

  /** Where the forecaster stays its models are weighed anew: by what they are since the change. At most once until it is seen what came of it. */
  async #reweigh(
    { feedback, outcomes }: State,
    change: Change,
    workload: string,
    at: number,
    forecasting: Forecasting,
  ) {
    const { series, cause, ticks, former, present } = change;
    if (!outgrown(change) || outcomes.some((one) => one.series === series)) return;
    forecasting.reweigh(series);
    const { reach } = feedback.watch(series);
    const body = { action: "reweigh", series, cause, reach, ticks, former, present };
    await this.#control.record({ at, kind: "recalibration", workload, body });
    outcomes.push({ of: "reweigh", series, due: at + OUTCOME_TICKS * this.#project.step, former, present });
  }

  /** @returns whether a forecaster that was made anew has taken over */
  async #refit(state: State, change: Change, workload: string, at: number, forecasting: Forecasting): Promise<boolean> {
    const { feedback } = state;
    const { step, season } = this.#project;
    const { series } = change;
    if ((state.patience.get(series)?.until ?? 0) > at) return false;
    const correction = correctionFor(change, at, step, season);
    if (correction === undefined) return false;
    const corrections = withCorrection(feedback.corrections, correction, at - REMEMBERED_SEASONS * season);
    const watch = new SeriesWatch(series, Math.round(season / step));
    const forecaster = await forecasting.refit(series, feedback.teacher(series, corrections), watch);
    if (forecaster === undefined) return false;
    const { recalibration, better } = judge(change, correction, watch);
    const body = { ...recalibration, adopted: better };
    await this.#control.record({ at, kind: "recalibration", workload, body });
    if (!better) return false;
    watch.answered();
    forecasting.adopt(series, forecaster, feedback.watch(series));
    state.trials.set(series, { since: at, factor: correction.factor, corrections: feedback.corrections });
    feedback.replace(watch);
    await this.#correct(feedback, corrections);
    const { former, present } = recalibration;
    state.outcomes.push({ of: "refit", series, due: at + OUTCOME_TICKS * step, former, present });
    this.#recalibrations++;
    this.#followers.note(`${workload}: ${told(recalibration)}`, workload);
    return true;
  }

  async #correct(feedback: WorkloadFeedback, corrections: readonly Correction[]): Promise<void> {
    feedback.corrections = corrections;
    await this.#control.setValue(key(feedback.workload), JSON.stringify(corrections));
  }

  /** Takes a recalibration back when the forecaster that it displaced has become the better one: the surge is over. */
  async #review({ feedback, trials, patience }: State, workload: string, at: number, forecasting: Forecasting) {
    const { step, season } = this.#project;
    const changes = feedback.changes();
    for (const [series, { since, factor, corrections }] of trials) {
      const rival = forecasting.rival(series);
      const present = feedback.watch(series);
      const change = changes.find((one) => one.series === series);
      const over = rival !== undefined && change !== undefined && explains(rival, present, change, factor);
      const ticks = Math.round((at - since) / step);
      const winner = over ? "rival" : rival && verdict(rival, present, ticks, Math.round(season / step));
      if (rival !== undefined && winner === undefined) continue;
      trials.delete(series);
      forecasting.settleRivalry(series, winner ?? "present");
      if (rival === undefined || winner !== "rival") continue;
      const failures = (patience.get(series)?.failures ?? 0) + 1;
      patience.set(series, { failures, until: at + season * Math.min(MOST_PATIENCE, FIRST_PATIENCE * 2 * failures) });
      feedback.replace(rival);
      await this.#correct(feedback, corrections);
      const { reach } = rival;
      const body = { action: "reinstate", series, reach, present: present.error(reach), after: rival.error(reach) };
      await this.#control.record({ at, kind: "recalibration", workload, body });
      this.#followers.note(`${workload}: ${series} is forecast as before its last recalibration again`, workload);
    }
  }

  /** What a recalibration came to, thirty ticks later. */
  async #settle({ feedback, outcomes }: State, workload: string, at: number): Promise<void> {
    const due = outcomes.filter((outcome) => outcome.due <= at);
    for (const outcome of due) {
      outcomes.splice(outcomes.indexOf(outcome), 1);
      const { of, series, former, present } = outcome;
      const watch = feedback.watch(series);
      const error = watch.error(OUTCOME_TICKS);
      await this.#control.record({
        at,
        kind: "recalibration",
        workload,
        body: { action: "outcome", of, series, reach: watch.reach, former, present, error },
      });
    }
  }

  /**
   * Takes whether the capacity that was asked for comes: an alert is open from when it is late until all of it serves.
   *
   * @param pending some has not come, late or not
   */
  async coming(
    workload: string,
    at: number,
    { late, pending }: { readonly late: Decision["late"]; readonly pending: boolean },
  ): Promise<void> {
    const book = this.#states.get(workload)?.capacity;
    const replicas = late?.replicas ?? 0;
    const of = late?.type === undefined ? "" : ` of ${late.type}`;
    const event = book?.sight(
      {
        subject: "capacity",
        ratio: replicas > 0 ? Number.MAX_VALUE : pending ? Number.NaN : 0,
        size: replicas,
        lasting: 1,
        describe: () => ({
          multiple: 0,
          movers: [],
          text: `${workload}: ${replicas} replicas${of} were asked for and have not come`,
        }),
      },
      at,
    );
    if (event !== undefined) await this.#tell(workload, at, [event]);
  }

  async #tell(workload: string, at: number, alerts: readonly AlertEvent[]): Promise<void> {
    for (const { change, alert } of alerts)
      if (change === "resolved") this.#followers.over(alert.text, workload, alert.id);
      else this.#followers.alert(alert.text, workload, alert.id);
    for (const { change, alert } of alerts)
      if (change !== "updated") {
        const { id, subject, multiple, text } = alert;
        await this.#control.record({ at, kind: "alert", workload, body: { change, id, subject, multiple, text } });
      }
    if (alerts.length > 0) this.#sink?.notify(alerts);
  }

  /** Open alerts of all workloads, then those that are over. */
  alerts(): Alert[] {
    const all = [...this.#states.values()].flatMap(({ feedback, capacity }) => [
      ...feedback.alerts,
      ...capacity.alerts,
    ]);
    return all.sort(
      (a, b) => Number(a.resolvedAt !== undefined) - Number(b.resolvedAt !== undefined) || b.openedAt - a.openedAt,
    );
  }

  /** Workloads from which nothing is learnt now, and the usual error of the forecasts of each series. */
  figures(at: number) {
    const all = [...this.#states].map(([workload, { feedback }]) => ({ workload, feedback }));
    return {
      alerts: this.alerts(),
      anomalies: all.map(({ workload, feedback }) => ({ workload, detected: feedback.detected })),
      recalibrations: this.#recalibrations,
      quarantined: all.filter(({ feedback }) => inForce(feedback.quarantines, at)).map(({ workload }) => workload),
      errors: all.flatMap(({ workload, feedback }) =>
        feedback.series.map((series) => ({ workload, series, error: feedback.watch(series).usualError() })),
      ),
      ...(this.#sink === undefined ? {} : { webhook: this.#sink.figures }),
    };
  }
}

function key(workload: string): string {
  return `corrections:${workload}`;
}

function told({ cause, correction, former, present, after }: Recalibration): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const how =
    cause === "drift"
      ? "without its older past"
      : `as if the level had always been ${correction.factor.toFixed(2)} × what it was`;
  return `${correction.series} forecasts were off by ${percent(present)} after a ${cause} (${percent(former)} before): learnt again ${how}, ${percent(after)}`;
}
