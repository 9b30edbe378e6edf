import { replicasAt } from "../../model/capacity.ts";
import type { Catalogue } from "../../model/catalogue.ts";
import { type Changeset, UNDER_WAY } from "../../model/changeset.ts";
import type { SeriesName } from "../../model/dimension.ts";
import { Histogram } from "../../model/histogram.ts";
import type { Workload } from "../../model/project.ts";
import { NotFound } from "../api/engine-control.port.ts";
import { hasUnlearnt } from "../backfill/loaded-spans.ts";
import { typesFor } from "../orchestrator/catalogue/types-for.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import type { Proposal } from "../orchestrator/change/intent.ts";
import { ReviewHostError } from "../orchestrator/change/review-host.port.ts";
import { isFinal } from "../orchestrator/change/transitions.ts";
import type { DiskPrice } from "../orchestrator/decide.port.ts";
import { decide } from "../orchestrator/decide.ts";
import { digestDecideInput, encodeDecideInput } from "../orchestrator/decide-json.ts";
import { type NewlyDecided, staysAsItIs } from "./awaited-proposal.ts";
import { decisiveParts } from "./decisive-parts.ts";
import { DesiredCapacity } from "./desired-capacity.ts";
import type { EngineParts } from "./engine-parts.ts";
import { type EnvelopeSubject, EnvelopeUpkeep } from "./envelope-upkeep.ts";
import { digest, evidenceOf } from "./evidence.ts";
import { FeedbackLoop } from "./feedback-loop.ts";
import { fillRate } from "./fill-rate.ts";
import type { Followers } from "./followers.ts";
import type { ForecastingSnapshot } from "./forecasting.ts";
import { foresee, type Lender } from "./foresight.ts";
import { governedSeries } from "./governed-series.ts";
import { growthDrivers } from "./growth-drivers.ts";
import { LedgerAnchoring } from "./ledger-anchoring.ts";
import { Pace } from "./pace.ts";
import { actionsOf, leadTimeKind } from "./past-actions.ts";
import { PlanPublication } from "./plan-publication.ts";
import { ProposalRetention } from "./proposal-retention.ts";
import { decideInput, readyReplicas, type Situation } from "./situation.ts";
import { sloOf } from "./slo.ts";
import { Stopwatch } from "./stopwatch.ts";
import { type Evaluation, workloadView } from "./views.ts";
import { loadWorkloadState, pendingReplicas, recent, type WorkloadState } from "./workload-state.ts";

/** Ticks for which a signal counts that was not told again. */
const SIGNAL_TICKS = 3;
/** Ticks until what came to nothing may be proposed again. */
const RETRY_TICKS = 10;
/** Seconds, of how long ticks take: milliseconds for one workload, tens of seconds where a fleet learns its past. */
const TICK_BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface Holds {
  readonly freezes: readonly Freeze[];
  readonly pins: readonly Pin[];
}

/** What is known of a workload before its forecasts are. */
interface Observed {
  readonly name: string;
  readonly workload: Workload;
  readonly series: readonly SeriesName[];
  readonly seen: Pick<Situation, "status" | "vectors" | "capacity" | "at" | "types" | "diskPrice">;
  readonly watch: Stopwatch;
}

/** Observe, forecast, decide, and hand what is to change to change: once a tick, for each workload. */
export class Loop {
  readonly #parts: EngineParts;
  readonly #followers: Followers;
  readonly #desired: DesiredCapacity;
  /** What comes back from the world to the forecasts. */
  readonly feedback: FeedbackLoop;
  readonly #states = new Map<string, WorkloadState>();
  /** Work on changesets, so that a stop can wait for it. */
  readonly #working = new Set<Promise<unknown>>();
  readonly #anchoring: LedgerAnchoring;
  readonly #retention: ProposalRetention;
  readonly #publication: PlanPublication | undefined;
  /** What may go on without asking, asked for beforehand. */
  readonly envelopes: EnvelopeUpkeep;
  /** Settles when no tick is under way. */
  #ticking: Promise<unknown> = Promise.resolve();
  #lastTick: number | null = null;
  /** Seconds that ticks took so far. */
  readonly tickSeconds = new Histogram(TICK_BOUNDS);
  #lastTickSeconds = 0;
  #running = true;

  constructor(parts: EngineParts, followers: Followers) {
    this.#parts = parts;
    this.#followers = followers;
    const { control, review, clock, project } = parts;
    const alert = (text: string) => followers.alert(text);
    this.#anchoring = new LedgerAnchoring(control, review, clock, alert);
    this.#retention = new ProposalRetention({ control, review, clock, keep: project.proposals.keep, alert });
    const note = (text: string) => followers.note(text);
    this.envelopes = new EnvelopeUpkeep({ control, review, clock, alert, note });
    const { capacityBranch: branch } = parts;
    this.#publication = branch && new PlanPublication({ control, review, branch, clock, alert });
    this.#desired = new DesiredCapacity(parts.review, parts.parseCapacity);
    this.feedback = new FeedbackLoop(parts, followers, parts.alertSink);
  }

  get lastTick(): number | null {
    return this.#lastTick;
  }

  /** Seconds that the last tick took. */
  get lastTickSeconds(): number {
    return this.#lastTickSeconds;
  }

  get running(): boolean {
    return this.#running;
  }

  /** A changeset is being worked on. */
  get busy(): boolean {
    return this.#working.size > 0;
  }

  /** Reads what an engine before this one remembered. @param models state of forecasters by workload */
  async load(models: ReadonlyMap<string, ForecastingSnapshot>): Promise<void> {
    const { control, project, leadTimes } = this.#parts;
    await leadTimes.load(project.workloads.map(({ name }) => name));
    const last = await control.value("last-tick");
    this.#lastTick = last === undefined ? null : Number(last);
    for (const workload of project.workloads) {
      const feedback = await this.feedback.load(workload.name);
      const state = await loadWorkloadState(this.#parts, workload, await this.#model(workload.name, models), feedback);
      this.#states.set(workload.name, state);
    }
  }

  /** What an engine before this one has learnt, unless it ended before a past that was loaded was in it: that is learnt from the store, with all the rest. */
  async #model(
    workload: string,
    models: ReadonlyMap<string, ForecastingSnapshot>,
  ): Promise<ForecastingSnapshot | undefined> {
    return (await hasUnlearnt(this.#parts.control, workload)) ? undefined : models.get(workload);
  }

  /**
   * One tick: everything that ended by now and was not looked at before. A clock that steps back makes no second tick of the
   * same time.
   *
   * @returns whether there was a tick
   */
  async tick(): Promise<boolean> {
    return this.between(() => this.#tick());
  }

  /** Does something while no tick is under way. Whoever comes later waits. */
  between<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#ticking.then(work);
    this.#ticking = Promise.allSettled([result]);
    return result;
  }

  async #tick(): Promise<boolean> {
    const { project, control, clock } = this.#parts;
    const at = Math.floor(clock.now() / project.step) * project.step;
    if (!this.#running || (this.#lastTick !== null && at <= this.#lastTick)) return false;
    const started = clock.monotonic();
    this.#lastTick = at;
    await control.setValue("last-tick", String(at));
    await control.recordHolds?.(at);
    const holds = { freezes: await control.freezes(), pins: await control.pins(at) };
    this.#desired.beginTick();
    this.#parts.events?.refresh();
    const observed = await this.#each(project.workloads, at, (workload) => this.#observe(workload, at));
    const { host } = this.#parts;
    const before = host?.fallbacks ?? 0;
    const pace = new Pace();
    await host?.advance(() => pace.breathe());
    const digests = await this.#each(observed, at, (one) => this.#evaluate(one, at, holds));
    const fallbacks = (host?.fallbacks ?? 0) - before;
    const body = { workloads: digests.length, digest: digest(digests.join("\n")), ...(fallbacks > 0 && { fallbacks }) };
    await control.record({ at, kind: "tick", body });
    this.#lastTickSeconds = clock.monotonic() - started;
    this.tickSeconds.observe(this.#lastTickSeconds);
    await this.#anchoring.whenDue();
    await this.#retention.whenDue();
    if (this.#parts.holds?.() === false) return true;
    await this.envelopes.whenDue(this.#reviewed());
    // Beside the ticks: a remote may take its time.
    void this.#publication?.tend(this.#parts.project.workloads.map(({ stack }) => stack));
    return true;
  }

  /** Workloads whose changes ask, as they were last looked at. */
  #reviewed(): EnvelopeSubject[] {
    return this.#parts.project.workloads.flatMap(({ name, mode, stack }) => {
      const evaluation = mode === "review" ? this.state(name).evaluation : undefined;
      return evaluation === undefined ? [] : [{ stack, input: evaluation.input }];
    });
  }

  /** Does the same for all, with turns of the event loop in between. Whoever fails is told and left out. */
  async #each<One extends { readonly name: string }, Result>(
    all: readonly One[],
    at: number,
    work: (one: One) => Promise<Result>,
  ): Promise<Result[]> {
    const results: Result[] = [];
    const pace = new Pace();
    for (const one of all) {
      await pace.breathe();
      try {
        results.push(await work(one));
      } catch (error) {
        const text = `${one.name}: the tick at ${at} was not evaluated: ${(error as Error).message}`;
        this.#followers.alert(text, one.name);
      }
    }
    return results;
  }

  /** What is seen of a workload, of which its forecasters take their part. */
  async #observe(workload: Workload, at: number): Promise<Observed> {
    const { project, constraints, usage, status } = this.#parts;
    const { name } = workload;
    const watch = new Stopwatch(this.#parts.clock);
    const capacity = await this.#desired.of(workload);
    const catalogue = this.#parts.catalogues?.get(name);
    const types = catalogue === undefined ? undefined : typesFor(catalogue, capacity);
    const series = governedSeries(capacity, constraints.get(name)!, types);
    const seen = {
      status: status.read(name),
      vectors: await usage.latest(name),
      capacity,
      at,
      ...(types === undefined ? {} : { types }),
      ...(catalogue?.disk === undefined ? {} : { diskPrice: diskPriceOf(catalogue.disk) }),
    };
    const { forecasting, requests } = this.state(name);
    await requests.record(usage, name, seen, project.step);
    // Requests are followed wherever they are counted: they drive the other series.
    const followed = requests.known ? [...new Set<SeriesName>([...series, "requests"])] : series;
    await forecasting.catchUp(followed, at, this.feedback.live(seen));
    watch.lap("observe");
    return { name, workload, series, seen, watch };
  }

  /** @returns the digest of what was decided on */
  async #evaluate(observed: Observed, at: number, holds: Holds): Promise<string> {
    const { workload, watch } = observed;
    const state = this.state(workload.name);
    watch.skip();
    const situation = await this.#situation(observed, at, state, holds);
    watch.lap("forecast");
    const input = decideInput(situation);
    const evaluation = { situation, input, decision: decide(input) };
    watch.lap("decide");
    state.memory = evaluation.decision.memory;
    state.evaluation = evaluation;
    await this.feedback.coming(workload.name, at, {
      late: evaluation.decision.late,
      pending: input.pending.length > 0,
    });
    await this.#act(state, evaluation, watch);
    state.view = workloadView(evaluation, state.changeset);
    if (evaluation.decision.short?.rescue)
      this.#followers.alert(`${workload.name}: ${state.view.short}`, workload.name);
    this.#followers.emit({ type: "tick", workload: state.view });
    return digestDecideInput(input);
  }

  async #situation(
    { workload, series, seen }: Observed,
    at: number,
    state: WorkloadState,
    holds: Holds,
  ): Promise<Situation> {
    const { project, constraints, leadTimes } = this.#parts;
    const { name } = workload;
    const { capacity } = seen;
    const limits = constraints.get(name)!;
    const { forecasting } = state;
    const incident = await this.feedback.after(name, at, forecasting);
    await forecasting.settled(performance.now() + 1000 * limits.forecast.budget);
    const last = (one: SeriesName) => forecasting.recent(one).at(-1) ?? Number.NaN;
    const signals = this.#parts.signals?.of(name, at - SIGNAL_TICKS * project.step) ?? new Map();
    const span = leadTimes.of(name, "out").p95 + limits.change.cooldown.in + project.step;
    const measured = { at, span, replicas: readyReplicas(seen), signals, incident: incident !== undefined };
    const { costsChanged, ...foresight } = foresee(forecasting, state.load, measured, this.#lenders(workload));
    await this.feedback.trust(name, at, Object.values(forecasting.forecasts()));
    if (costsChanged !== undefined) await this.#note(name, at, costsChanged);
    return {
      ...seen,
      ...holds,
      project,
      workload,
      constraints: limits,
      series,
      ...foresight,
      ...sloOf(limits, signals),
      demand: new Map(series.map((one) => [one, last(one)])),
      fills: fillRate(forecasting.recent("storage"), project.step),
      pending: pendingReplicas(
        state,
        { asked: replicasAt(capacity, at), as: JSON.stringify(capacity.perReplica) },
        readyReplicas(seen),
        at,
      ),
      lastActions: state.actions,
      leadTime: {
        out: leadTimes.of(name, "out"),
        in: leadTimes.of(name, "in"),
        vertical: leadTimes.of(name, "vertical"),
      },
      memory: state.memory,
      incident,
    };
  }

  async #note(workload: string, at: number, text: string): Promise<void> {
    this.#followers.note(`${workload}: ${text}`, workload);
    await this.#parts.control.record({ at, kind: "load-cost", workload, body: { text } });
  }

  /** Those that a workload may borrow from. */
  #lenders({ coldStart }: Workload): Lender[] {
    return (coldStart?.like ?? []).map((name) => ({ workload: name, forecasting: this.state(name).forecasting }));
  }

  /** Proposes what was decided where the mode wants it; it is carried out beside the ticks. */
  async #act(state: WorkloadState, { situation, decision, input }: Evaluation, watch: Stopwatch): Promise<void> {
    const { workload } = situation;
    if (workload.mode === "observe" || !decision.changed || this.#parts.holds?.() === false) return;
    const asWasBefore = JSON.stringify(input.capacity);
    // What needs no person goes on its own; the rest is proposed when that is done.
    const onItsOwn = workload.mode === "auto" && JSON.stringify(decision.automatic) !== asWasBefore;
    const after = onItsOwn ? decision.automatic : decision.capacity;
    const urgent = decision.wants.present > replicasAt(input.capacity, input.now);
    const { reasons } = decision;
    const { every: interval } = this.#parts.project.plan;
    if (await this.#waits(state, { capacity: after, reasons, urgent, now: input.now, interval })) return;
    const { change, version } = this.#parts;
    const encoded = encodeDecideInput(input);
    const proposal: Proposal = {
      workload: workload.name,
      stack: workload.stack,
      after,
      reasons: [...decision.reasons, ...growthDrivers(input.capacity, after, decision.reasons, situation.vectors)],
      evidence: evidenceOf(input, encoded, version, await decisiveParts(input, state.forecasting)),
      mode: onItsOwn ? "auto" : "review",
      urgent,
    };
    try {
      const changeset = await change.propose(proposal);
      watch.lap("propose");
      const sampledAt = situation.vectors.length === 0 ? {} : { sampledAt: newestOf(situation.vectors) };
      this.#parts.trace?.decided({ changeset, tick: situation.at, phases: watch.phases, ...sampledAt });
      this.work(changeset, change.advance(changeset.id));
    } catch (error) {
      if (!(error instanceof ReviewHostError)) throw error;
      // The next tick decides afresh; this one has still been evaluated.
      this.#followers.alert(`${workload.name}: nothing was proposed: ${error.message}`, workload.name);
    }
  }

  /**
   * Whether a changeset of the workload is on its way, waits for a person and stays as it is, or has just come to nothing with the same
   * capacity.
   */
  async #waits({ refused, changeset }: WorkloadState, decided: NewlyDecided): Promise<boolean> {
    if (refused !== undefined && refused.after === JSON.stringify(decided.capacity) && decided.now < refused.until)
      return true;
    const open = changeset === undefined ? undefined : await this.#parts.control.changeset(changeset);
    if (open === undefined) return false;
    if (UNDER_WAY.includes(open.state)) return true;
    return open.state === "awaiting-approval" && staysAsItIs(open, decided);
  }

  /**
   * Learns series of a workload again from the stored past, beside the ticks. One that has not been looked at yet learns it at its first tick.
   *
   * @returns those of them that are forecast
   * @throws NotFound
   */
  async learnAgain(workload: string, series: readonly SeriesName[]): Promise<readonly SeriesName[]> {
    const { forecasting, evaluation } = this.state(workload);
    const followed = new Set([...forecasting.series, ...(evaluation?.situation.series ?? [])]);
    const learnt = series.filter((name) => followed.has(name));
    for (const name of learnt) {
      if (this.#lastTick === null || !this.#running) break;
      const adopt = await this.feedback.learnAgain(workload, name, this.#lastTick, forecasting);
      await this.between(adopt);
    }
    return learnt;
  }

  /** Takes note of work on a changeset, and of what comes of it. */
  work(changeset: Changeset, result: Promise<Changeset>): void {
    const state = this.state(changeset.workload);
    state.changeset = changeset.id;
    const working = result
      .then(async (after) => {
        if (!isFinal(after.state)) return;
        await this.#ended(state, after);
        await this.#anchoring.now();
      })
      .catch((error: unknown) =>
        this.#followers.alert(`${changeset.id}: ${(error as Error).message}`, changeset.workload),
      )
      .finally(() => this.#working.delete(working));
    this.#working.add(working);
  }

  async #ended(state: WorkloadState, changeset: Changeset): Promise<void> {
    const { leadTimes, clock, project } = this.#parts;
    const { id, workload, failure } = changeset;
    if (state.changeset === id) state.changeset = undefined;
    if (changeset.state === "done") {
      state.actions = recent([...state.actions, ...actionsOf(changeset)], clock.now());
      if (changeset.leadTime !== undefined)
        await leadTimes.record(workload, leadTimeKind(changeset), changeset.leadTime);
      return;
    }
    state.refused = { after: JSON.stringify(changeset.after), until: clock.now() + RETRY_TICKS * project.step };
    this.#followers.alert(`${id} ended ${changeset.state}${failure ? `: ${failure.message}` : ""}`, workload);
  }

  /** @throws NotFound */
  state(workload: string): WorkloadState {
    const state = this.#states.get(workload);
    if (state !== undefined) return state;
    const names = this.#parts.project.workloads.map(({ name }) => name);
    throw new NotFound(`no workload ${workload}; there are ${names.join(", ")}`);
  }

  /** A changeset of a former engine has been looked at. */
  recovered(changeset: Changeset): void {
    const state = this.#states.get(changeset.workload);
    if (state !== undefined) this.work(changeset, Promise.resolve(changeset));
  }

  /** State of all forecasters, workload by workload. Good only while no tick is under way. */
  *snapshots(): Iterable<readonly [string, ForecastingSnapshot]> {
    for (const [name, { forecasting, load }] of this.#states)
      yield [name, { ...forecasting.snapshot(), load: load.snapshot() }];
  }

  /** No further ticks; resolves when what is under way has ended and the ledger's end is anchored. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#ticking;
    await Promise.allSettled([...this.#working]);
    await this.#publication?.end();
    await this.#anchoring.now();
  }
}

/** End of the newest sample. */
function newestOf(vectors: Situation["vectors"]): number {
  return vectors.reduce((newest, { at }) => Math.max(newest, at), Number.NEGATIVE_INFINITY);
}

/** Without what it is called: what is decided on is kept as evidence. */
function diskPriceOf({ gib, iops, throughput }: NonNullable<Catalogue["disk"]>): DiskPrice {
  return { gib, iops, throughput };
}
