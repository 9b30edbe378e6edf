import { existsSync } from "node:fs";
import { siblingModule } from "../../../model/sibling.ts";
import type { ForecasterFactory, ForecasterOptions, SeriesForecaster } from "../forecast.port.ts";
import { FALLBACK_CAUSES, type FallbackCause, type ForecastFigures, type ForecastHost } from "../forecast-host.port.ts";
import type { GlobalModelSource } from "../lstm/global-model.port.ts";
import { checkOptions } from "../options.ts";
import { EnsembleClient } from "./ensemble-client.ts";
import { type EnsembleFactory, EnsembleThread } from "./ensemble-thread.ts";
import { FleetPool } from "./fleet-pool.ts";
import { type Former, type Holding, HostedForecaster } from "./hosted-forecaster.ts";
import { readModelFile, writeModelFile } from "./model-keeper.ts";
import type { EnsembleAnswer, EnsembleRequest } from "./protocol.ts";
import { localThread, type Thread, workerThread } from "./thread.ts";

/** Series that have an ensemble of their own at most: each takes megabytes. */
const MOST_ENSEMBLES = 64;
/** Up to so many workloads each series has an ensemble; beyond, those of the tier `accurate`. */
export const FEW_WORKLOADS = 16;

/** Before what others keep with the state of the models. */
const REST = "rest:";

export interface HostOptions {
  /** Seconds a tick and a season, of all series. */
  readonly step: number;
  readonly season: number;
  /** How many workloads there are. */
  readonly workloads: number;
  /** Where the state of the models is kept. */
  readonly file?: string;
  /** Told what a person should know. */
  readonly say: (text: string) => void;
  /** Starts the thread of the ensembles. */
  readonly ensembles: () => Thread<EnsembleRequest, EnsembleAnswer>;
  /** Where ensembles and fleet find the global model. */
  readonly globalModel?: GlobalModelSource;
}

/** A thread of its own, which a slow model cannot leave. @param module instead of the engine's own */
export function ensembleWorker(
  module = siblingModule(import.meta.url, "./ensemble.worker"),
): () => Thread<EnsembleRequest, EnsembleAnswer> {
  return () => workerThread(module);
}

/** On the calling thread, between the turns of its loop. */
export function ensembleHere(create: EnsembleFactory): () => Thread<EnsembleRequest, EnsembleAnswer> {
  return () => localThread((answer) => new EnsembleThread(create, answer));
}

/**
 * A host of forecasters. All series are columns of a fleet, which is stepped on the calling thread in slices of milliseconds, in a time that
 * is bounded by their number. A few have an ensemble on another thread besides, with whatever models their tier has: what it has
 * not said by the deadline is read from the fleet.
 */
export class ThreadedForecastHost implements ForecastHost {
  readonly #options: HostOptions;
  readonly #pool: FleetPool;
  readonly #ensembles: EnsembleClient;
  #former: Former = { fleet: false, ensembles: new Map() };
  #forecasts = 0;
  readonly #fallbacks = new Map<FallbackCause, number>();
  readonly #dropped = new FinalizationRegistry<Holding>(({ column, member }) => {
    if (column !== undefined) this.#pool.release(column);
    if (member !== undefined) this.#ensembles.drop(member);
  });

  constructor(options: HostOptions) {
    this.#options = options;
    this.#pool = new FleetPool(options.step, options.season, options.globalModel);
    this.#ensembles = new EnsembleClient(
      options.ensembles,
      (reason) => options.say(`the ensembles' thread ended, and the fleet forecasts alone: ${reason}`),
      options.globalModel,
    );
  }

  readonly create: ForecasterFactory = (options: ForecasterOptions): SeriesForecaster => {
    checkOptions(options);
    const { step, season } = options;
    if (step !== this.#options.step || season !== this.#options.season)
      throw new RangeError(
        `step: expected ${this.#options.step} s and a season of ${this.#options.season} s, found others`,
      );
    const holding: Holding = {
      column: undefined,
      member: this.#hasEnsemble(options) ? this.#ensembles.open(options) : undefined,
    };
    const forecaster = new HostedForecaster(options, {
      pool: this.#pool,
      ensembles: this.#ensembles,
      former: () => this.#former,
      holding,
      made: (fallback) => {
        this.#forecasts++;
        if (fallback !== undefined) this.#fallbacks.set(fallback, this.#fallbacksBy(fallback) + 1);
      },
    });
    this.#dropped.register(forecaster, holding);
    return forecaster;
  };

  #hasEnsemble({ tier }: ForecasterOptions): boolean {
    if (tier === "fast" || this.#ensembles.size >= MOST_ENSEMBLES) return false;
    return tier === "accurate" || this.#options.workloads <= FEW_WORKLOADS;
  }

  get fallbacks(): number {
    return FALLBACK_CAUSES.reduce((sum, cause) => sum + this.#fallbacksBy(cause), 0);
  }

  get figures(): ForecastFigures {
    const fallbacks = Object.fromEntries(FALLBACK_CAUSES.map((cause) => [cause, this.#fallbacksBy(cause)]));
    return { forecasts: this.#forecasts, fallbacks: fallbacks as ForecastFigures["fallbacks"] };
  }

  #fallbacksBy(cause: FallbackCause): number {
    return this.#fallbacks.get(cause) ?? 0;
  }

  /** Bytes of the fleet. */
  get bytes(): number {
    return this.#pool.bytes;
  }

  advance(breathe: () => Promise<void>): Promise<void> {
    return this.#pool.advance(breathe);
  }

  /** Estimates all regressions of the fleet again. */
  refit(breathe: () => Promise<void>): Promise<void> {
    return this.#pool.refit(breathe);
  }

  /**
   * Takes over what a host before this one has kept. What cannot be used is learnt again.
   *
   * @param rest takes what was kept with it, text by text; whatever it made of them is good only where the result is true
   * @returns whether there was something, and it is used
   */
  async load(rest: (text: string) => void): Promise<boolean> {
    const { file, say } = this.#options;
    if (file === undefined || !existsSync(file)) return false;
    try {
      const ensembles = new Map<number, string>();
      const shards = await readModelFile(file, (text) => {
        if (text.startsWith(REST)) return rest(text.slice(REST.length));
        const [member, state] = JSON.parse(text) as [number, string];
        ensembles.set(member, state);
      });
      this.#pool.restore(shards);
      this.#former = { fleet: true, ensembles };
      return true;
    } catch (error) {
      say(`the state of the forecasts is not used, they learn from the start: ${(error as Error).message}`);
      return false;
    }
  }

  /** What was kept and nobody has gone on with is let go. */
  restored(): void {
    this.#pool.restored();
    this.#former = { fleet: false, ensembles: new Map() };
  }

  /**
   * Keeps the state of all models. No tick may begin before it resolves.
   *
   * @param rest what else to keep, text by text: snapshots of the forecasters belong to the state
   * @param breathe is awaited between texts
   * @returns once ticks may go on; `kept` resolves when the state would survive a crash, and rejects when it could not be written
   */
  async save(rest: () => Iterable<string>, breathe: () => Promise<void>): Promise<{ readonly kept: Promise<void> }> {
    const { file } = this.#options;
    if (file === undefined) return { kept: Promise.resolve() };
    const ensembles = await this.#ensembles.save();
    return writeModelFile(file, this.#pool.states, notesOf(ensembles, rest()), breathe);
  }

  end(): Promise<void> {
    return this.#ensembles.end();
  }
}

function* notesOf(ensembles: ReadonlyMap<number, string>, rest: Iterable<string>): Iterable<string> {
  for (const one of ensembles) yield JSON.stringify(one);
  for (const text of rest) yield REST + text;
}
