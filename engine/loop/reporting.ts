import { type Capacity, replicasAt } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import type { Constraints } from "../../model/constraints.ts";
import type { SeriesName } from "../../model/dimension.ts";
import { InputError } from "../../model/input-error.ts";
import { type Counterfactual, type CounterfactualOptions, counterfactual } from "../feedback/counterfactual.ts";
import type { Asked } from "../feedback/course.ts";
import { type ActionReport, type ReportView, summarise, type WorkloadReport } from "../feedback/report.ts";
import type { EngineParts } from "./engine-parts.ts";
import { governedSeries } from "./governed-series.ts";
import { Pace } from "./pace.ts";

/** Actions that are looked at one by one, the last ones. */
const MOST_ACTIONS = 500;
/** Ledger entries that are counted. */
const LEDGER_PAGE = 5000;

type Parts = Pick<EngineParts, "project" | "constraints" | "control" | "usage" | "leadTimes">;

/** Looks back: what actions came to beside what else could have been done, on the demand that the store has. */
export class Reporting {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param from epoch seconds; both are rounded down to whole ticks
   * @param present what is asked for at `to`, by workload, where it is known: what is there when nothing was done
   */
  async report(
    workloads: readonly string[],
    from: number,
    to: number,
    present: ReadonlyMap<string, Capacity>,
  ): Promise<ReportView> {
    const { step } = this.#parts.project;
    const [first, last] = [from, to].map((at) => Math.floor(at / step) * step);
    const counts = await this.#counts(first, last);
    const reports: WorkloadReport[] = [];
    for (const workload of workloads)
      reports.push(
        await this.#workload(workload, first, last, present.get(workload), (kind) => counts(workload, kind)),
      );
    return { from: first, to: last, step, workloads: reports };
  }

  async #workload(
    workload: string,
    from: number,
    to: number,
    present: Capacity | undefined,
    count: (kind: string) => number,
  ): Promise<WorkloadReport> {
    const { project, constraints, control } = this.#parts;
    const { step } = project;
    const limits = constraints.get(workload)!;
    const all = await control.changesets({ workload, states: ["done", "diverged", "partial"], limit: MOST_ACTIONS });
    const done = all.filter(({ createdAt }) => createdAt >= from && createdAt < to).reverse();
    const summary = {
      step,
      price: limits.cost.perReplica,
      anomalies: count("alert"),
      incidents: count("quarantine"),
      recalibrations: count("recalibration"),
    };
    const earliest = done[0]?.before ?? present;
    if (earliest === undefined) return summarise(workload, [], "its capacity is not known yet", summary);
    try {
      const actions: ActionReport[] = [];
      for (const [i, changeset] of done.entries())
        actions.push(await this.#action(changeset, limits, Math.min(done[i + 1]?.createdAt ?? to, to)));
      const asked = [{ at: from, capacity: earliest }, ...done.map(askedBy)];
      const { acted, reactive, nothing, ticks } = await this.#run(workload, from, to, asked, limits);
      return summarise(workload, actions, { totals: { acted, reactive, nothing }, ticks }, summary);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return summarise(workload, [], "no series with a figure says how many replicas were needed", summary);
    }
  }

  /** An action until the next, at most for a season: later it is not its doing any more. */
  async #action(changeset: Changeset, limits: Constraints, next: number): Promise<ActionReport> {
    const { step, season } = this.#parts.project;
    const { workload, before, after, id } = changeset;
    const at = Math.floor(changeset.createdAt / step) * step;
    const until = Math.max(at + step, Math.floor(Math.min(next, at + season) / step) * step);
    const asked = [{ at: at - step, capacity: before }, askedBy({ ...changeset, createdAt: at })];
    const found = await this.#run(workload, at, until, asked, limits, changeset.leadTime);
    const [was, is] = [replicasAt(before, at), mostReplicas(after, at, until)];
    const { acted, reactive, nothing } = found;
    const judged = is > mostReplicas(before, at, until) && found.ticks > 0;
    return {
      changeset: id,
      at,
      until,
      from: was,
      to: is,
      acted,
      reactive,
      nothing,
      ...(judged ? { falseAlarm: found.greatestNeed <= mostReplicas(before, at, until) } : {}),
    };
  }

  async #run(
    workload: string,
    from: number,
    to: number,
    asked: readonly Asked[],
    limits: Constraints,
    measuredLeadTime?: number,
  ): Promise<Counterfactual> {
    const { project, usage, leadTimes } = this.#parts;
    const { step } = project;
    const demand = new Map<SeriesName, Float64Array>();
    for (const series of governedSeries(asked[0].capacity, limits))
      demand.set(series, (await usage.demand(workload, series, from - step, to, step)).values);
    const leadTime = measuredLeadTime ?? leadTimes.of(workload, "out").p95;
    const options: CounterfactualOptions = { from, step, demand, asked, constraints: limits, leadTime };
    const run = counterfactual(options);
    const pace = new Pace();
    for (;;) {
      const { done, value } = run.next();
      if (done) return value;
      await pace.breathe();
    }
  }

  /** Entries of the ledger between two instants, by workload and kind; alerts and quarantines as they opened. */
  async #counts(from: number, to: number): Promise<(workload: string, kind: string) => number> {
    const counted = new Map<string, number>();
    for (let sequence = 1; ; ) {
      const entries = await this.#parts.control.ledger(sequence, LEDGER_PAGE);
      for (const { at, kind, workload, body } of entries) {
        if (at < from || at >= to || workload === undefined) continue;
        const opened =
          kind === "quarantine"
            ? body.what === "opened"
            : kind === "alert"
              ? body.change === "opened"
              : body.adopted === true;
        if (opened) counted.set(`${kind} ${workload}`, (counted.get(`${kind} ${workload}`) ?? 0) + 1);
      }
      if (entries.length < LEDGER_PAGE) break;
      sequence = entries[entries.length - 1].sequence + 1;
    }
    return (workload, kind) => counted.get(`${kind} ${workload}`) ?? 0;
  }
}

function askedBy({ createdAt, after }: Pick<Changeset, "createdAt" | "after">): Asked {
  return { at: createdAt, capacity: after };
}

/** The greatest count that a capacity asks for between two instants. */
function mostReplicas(capacity: Capacity, from: number, to: number): number {
  const steps = capacity.plan.filter(({ at }) => at > from && at < to).map(({ floor }) => floor);
  return Math.max(replicasAt(capacity, from), ...steps);
}
