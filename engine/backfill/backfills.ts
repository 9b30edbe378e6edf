import type { SeriesName } from "../../model/dimension.ts";
import { type BackfillRequest, type BackfillView, Refused } from "../api/engine-control.port.ts";
import type { Clock } from "../clock.port.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { WorkloadHistory } from "../usage/history/usage-history.port.ts";
import type { UsageStore } from "../usage/usage-store.port.ts";
import { loadedSeries } from "./loaded-series.ts";
import { noteLearnt, noteLoadedSpan } from "./loaded-spans.ts";
import type { Past } from "./past.port.ts";

const DAY = 86_400;
/** Seasons that are read unless it is said: what forecasts learn from. */
const USUAL_SEASONS = 15;
/** The store keeps no more. */
const MOST_DAYS = 400;
/** Ticks that are written at once: a tick of the engine waits no longer for the store than that takes. */
const PIECE_TICKS = 720;
/** Of a step, what the last tick may have taken; with more there is no room beside the ticks. */
const BUSY_SHARE = 0.5;
const MOST_REMEMBERED = 20;

export interface BackfillParts {
  /** Without it there is no past to load. */
  readonly past?: Past;
  readonly usage: Pick<UsageStore, "backfill">;
  readonly control: Pick<ControlStore, "record" | "value" | "setValue">;
  readonly clock: Clock;
  /** Seconds of a tick and of a season. */
  readonly step: number;
  readonly season: number;
  /** Seconds that the last tick took. */
  readonly tickSeconds: () => number;
  /** Learns series of a workload again from the stored past. @returns those that are forecast */
  readonly learn: (workload: string, series: readonly SeriesName[]) => Promise<readonly SeriesName[]>;
  /** Keeps the state of the forecasts, so that what was learnt outlives the engine. */
  readonly keep?: () => Promise<void>;
}

type Running = { -readonly [Key in keyof BackfillView]: BackfillView[Key] };

/**
 * Loads the past of workloads from a server that has recorded it, beside the ticks and one at a time: it is read and written in pieces, and
 * learnt by forecasters that take over when they are up with the present.
 */
export class Backfills {
  readonly #parts: BackfillParts;
  readonly #all: Running[] = [];
  #running: Promise<void> | undefined;
  #ended = false;

  constructor(parts: BackfillParts) {
    this.#parts = parts;
  }

  /**
   * Begins one.
   *
   * @throws Refused where there is no server, the span is none, another one is under way, or the ticks leave no room
   */
  start({ workloads, from, to, by }: BackfillRequest): BackfillView {
    const { past, clock, step, season, tickSeconds } = this.#parts;
    if (past === undefined)
      throw new Refused(
        "expected a server to read the past from, `prometheus: { url: … }` in the project file, found none",
      );
    if (this.#running !== undefined) throw new Refused("a backfill is under way; wait for its end");
    if (tickSeconds() > BUSY_SHARE * step)
      throw new Refused(
        `ticks take ${tickSeconds().toFixed(1)} s of ${step} s: a backfill would put them off; stop the engine, or give it more`,
      );
    const now = clock.now();
    const window = {
      from: Math.floor((from ?? now - USUAL_SEASONS * season) / step) * step,
      to: Math.floor(Math.min(now, to ?? now) / step) * step,
      step,
    };
    if (!(window.to > window.from && window.to - window.from <= MOST_DAYS * DAY))
      throw new Refused(
        `expected a span of at least one tick and at most ${MOST_DAYS} days that has passed, found ${window.from} to ${window.to}`,
      );
    const view: Running = {
      id: `backfill-${Math.round(now)}`,
      state: "reading",
      origin: past.origin,
      ...window,
      by,
      startedAt: now,
      read: 0,
      workloads: [],
    };
    this.#all.unshift(view);
    this.#all.splice(MOST_REMEMBERED);
    this.#running = this.#run(view, past, new Set(workloads))
      .catch((error: unknown) => {
        view.state = "failed";
        view.error = (error as Error).message;
      })
      .finally(() => {
        view.endedAt = clock.now();
        this.#running = undefined;
      });
    return { ...view };
  }

  /** The newest first. */
  list(): readonly BackfillView[] {
    return this.#all.map((view) => ({ ...view }));
  }

  async #run(view: Running, past: Past, wanted: ReadonlySet<string>): Promise<void> {
    const { from, to, step } = view;
    const told = (share: number) => {
      view.read = share;
    };
    const only = wanted.size === 0 ? undefined : wanted;
    for await (const history of past.history.read(past.workloads, { from, to, step }, told, only)) {
      if (this.#ended) throw new Error("the engine stops");
      await this.#load(view, history);
    }
    await this.#parts.keep?.();
    for (const { workload } of view.workloads) await noteLearnt(this.#parts.control, workload);
    view.state = "done";
  }

  /** One workload: stored, on record, learnt. */
  async #load(view: Running, history: WorkloadHistory): Promise<void> {
    const { usage, control, clock, learn } = this.#parts;
    const { workload, interval } = history;
    const { origin, from, to, step, by } = view;
    const loaded = loadedSeries(history);
    for (const { series, demand, usage: got } of loaded)
      for (let first = 0; first < demand.length; first += PIECE_TICKS) {
        const end = first + PIECE_TICKS;
        const piece = { values: demand.slice(first, end), usage: got.slice(first, end) };
        await usage.backfill(workload, series, { from: from + first * step, step, ...piece }, origin);
      }
    const ticks = Object.fromEntries(loaded.map((one) => [one.series, one.ticks]));
    const measured = { ticks, interval: Number.isNaN(interval) ? null : interval };
    if (loaded.length > 0) {
      await noteLoadedSpan(control, workload, { origin, from, to, at: clock.now() });
      const body = { origin, from, to, step, by, ...measured };
      await control.record({ at: clock.now(), kind: "backfill", workload, body });
    }
    view.state = "learning";
    const names = loaded.map(({ series }) => series);
    view.workloads = [...view.workloads, { workload, ...measured, learnt: await learn(workload, names) }];
    view.state = "reading";
  }

  /** No further ones; resolves when the piece that is under way is done. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#parts.past?.close();
    await this.#running;
  }
}
