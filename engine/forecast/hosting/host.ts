import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { siblingModule } from "../../../model/sibling.ts";
import type { ForecasterFactory, ForecasterOptions, SeriesForecaster } from "../forecast.port.ts";
import type { ForecastHost } from "../forecast-host.port.ts";
import type { GlobalModelSource } from "../lstm/global-model.port.ts";
import { checkOptions } from "../options.ts";
import { EnsembleClient } from "./ensemble-client.ts";
import { type EnsembleFactory, EnsembleThread } from "./ensemble-thread.ts";
import { FleetPool } from "./fleet-pool.ts";
import { type Former, type Holding, HostedForecaster } from "./hosted-forecaster.ts";
import type { FileAnswer, FileRequest } from "./model-file.worker.ts";
import type { EnsembleAnswer, EnsembleRequest } from "./protocol.ts";
import { localThread, type Thread, workerThread } from "./thread.ts";

/** Series that have an ensemble of their own at most: each takes megabytes. */
const MOST_ENSEMBLES = 64;
/** Up to so many workloads each series has an ensemble; beyond, those of the tier `accurate`. */
const FEW_WORKLOADS = 16;

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
  /** Where ensembles find the global model. */
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
  #fallbacks = 0;
  readonly #dropped = new FinalizationRegistry<Holding>(({ column, member }) => {
    if (column !== undefined) this.#pool.release(column);
    if (member !== undefined) this.#ensembles.drop(member);
  });

  constructor(options: HostOptions) {
    this.#options = options;
    this.#pool = new FleetPool(options.step, options.season);
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
      fellBack: () => {
        this.#fallbacks++;
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
    return this.#fallbacks;
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

  /** Takes over what a host before this one has kept. What cannot be used is learnt again. @returns what was kept with it */
  async load(): Promise<string | undefined> {
    const { file, say } = this.#options;
    if (file === undefined || !existsSync(file)) return undefined;
    try {
      const { shards, notes } = await inFileThread({ kind: "read", path: file });
      const { ensembles, rest } = JSON.parse(notes) as { ensembles: [number, string][]; rest: string };
      this.#pool.restore(shards);
      this.#former = { fleet: true, ensembles: new Map(ensembles) };
      return rest;
    } catch (error) {
      say(`the state of the forecasts is not used, they learn from the start: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** What was kept and nobody has gone on with is let go. */
  restored(): void {
    this.#pool.restored();
    this.#former = { fleet: false, ensembles: new Map() };
  }

  /** Keeps the state of all models. Snapshots of the forecasters belong to it and are kept with it. @param rest what else to keep */
  async save(rest: () => string): Promise<void> {
    const { file } = this.#options;
    if (file === undefined) return;
    const ensembles = [...(await this.#ensembles.save())];
    const text = rest();
    const notes = JSON.stringify({ ensembles, rest: text });
    await inFileThread({ kind: "write", path: file, shards: this.#pool.states, notes });
  }

  end(): Promise<void> {
    return this.#ensembles.end();
  }
}

/** @throws Error with what the thread says */
function inFileThread(request: FileRequest): Promise<Extract<FileAnswer, { kind: "done" }>> {
  const worker = new Worker(siblingModule(import.meta.url, "./model-file.worker"));
  return new Promise((resolve, reject) => {
    worker.once("message", (answer: FileAnswer) => {
      void worker.terminate();
      if (answer.kind === "done") resolve(answer);
      else reject(new Error(answer.message));
    });
    worker.once("error", reject);
    worker.postMessage(request);
  });
}
