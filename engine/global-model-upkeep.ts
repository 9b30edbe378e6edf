import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { SERIES, type SeriesName } from "../model/dimension.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import type { GlobalModel, GlobalModelSource } from "./forecast/lstm/global-model.port.ts";
import { decodeModel, encodeModel } from "./forecast/lstm/model-file.ts";
import type { GlobalModelTrainer } from "./forecast/lstm/trainer.port.ts";
import { randomNumbers } from "./forecast/synthetic.ts";
import type { ControlStore } from "./orchestrator/change/control-store.port.ts";
import type { UsageStore } from "./usage/usage-store.port.ts";

const DAY = 86_400;
/** Seconds after a start in which the engine feeds its forecasters and has no time for training. */
const SETTLING = 600;
/** Seasons of the past that are trained on, at most and at least. */
const SEASONS = { most: 15, least: 2 };
/** Values that are trained on, at most, of series drawn at random: 16 MB. */
const MOST_VALUES = 4_000_000;
/** Series that are looked at for that, at most. */
const MOST_SERIES = 2_000;
/** Longest stretch that is read at once. */
const BATCH_TICKS = 5_000;
/** Where the store remembers when a training was last begun. */
const ATTEMPT = "global-model-attempt";

export interface UpkeepParts {
  /** Where the model is kept between two engines. */
  readonly file: string;
  /** What is trained on; none: there is no training. */
  readonly workloads: readonly string[];
  /** Seconds a tick, and a season. */
  readonly step: number;
  readonly season: number;
  readonly usage: Pick<UsageStore, "demand">;
  readonly control: Pick<ControlStore, "value" | "setValue">;
  readonly trainer: GlobalModelTrainer;
  /** Epoch seconds at which the engine was started. */
  readonly startedAt: number;
  readonly say: (text: string) => void;
}

/**
 * Keeps the global model: reads it when the engine starts, has a new one trained once a day from the usage of all workloads, and puts it in the present one's
 * place where it is better. Whatever fails is told, and forecasts go on with the model there is, or without.
 */
export class GlobalModelUpkeep implements GlobalModelSource {
  readonly #parts: UpkeepParts;
  readonly #stop = new AbortController();
  #current: GlobalModel | undefined;
  #absence = `no trained model yet; training begins with ${SEASONS.least} seasons of history`;
  #notBefore: number;
  #working: Promise<void> | undefined;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#notBefore = parts.startedAt + SETTLING;
    this.#read();
  }

  get current(): GlobalModel | undefined {
    return this.#current;
  }

  get absence(): string {
    return this.#absence;
  }

  #read(): void {
    const { file, say } = this.#parts;
    try {
      if (existsSync(file)) this.#current = decodeModel(readFileSync(file, "utf8"), file);
    } catch (error) {
      const { message } = error as Error;
      this.#absence = `the trained model cannot be used: ${message}`;
      say(message);
    }
  }

  /**
   * Begins a training where one is due, beside what goes on.
   *
   * @param now epoch seconds, the end of a tick
   * @returns resolves when the training has ended; nobody needs to wait for it
   */
  tend(now: number): Promise<void> {
    if (now < this.#notBefore || this.#stop.signal.aborted) return Promise.resolve();
    this.#working ??= this.#train(now)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#parts.say(`global model: ${(error as Error).message}`);
      })
      .finally(() => {
        this.#working = undefined;
      });
    return this.#working;
  }

  async #train(now: number): Promise<void> {
    const { control, trainer, step, season, file, say } = this.#parts;
    const last = Number((await control.value(ATTEMPT)) ?? Number.NEGATIVE_INFINITY);
    // A clock that was put back does not keep it from training for ever.
    if (now - last < DAY && last <= now) {
      this.#notBefore = last + DAY;
      return;
    }
    const series = await this.#series(now);
    if (series.length === 0) {
      this.#notBefore = now + season / 24;
      return;
    }
    this.#notBefore = now + DAY;
    await control.setValue(ATTEMPT, String(now));
    const outcome = await trainer.train(
      { series, step, season: Math.round(season / step), seed: 1, at: now, present: this.#current },
      this.#stop.signal,
    );
    if ("kept" in outcome) {
      say(`global model: ${this.#current ? "the present one stays" : "none yet"}: ${outcome.kept}`);
      return;
    }
    const { model } = outcome;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileAtomically(file, encodeModel(model));
    this.#current = model;
  }

  /** The past of series drawn at random, each from where it begins, where it is long enough. The draw is another each day. */
  async #series(now: number): Promise<Float32Array[]> {
    const { workloads, step, season } = this.#parts;
    const names = workloads.flatMap((workload) => SERIES.map((series) => ({ workload, series })));
    shuffle(names, randomNumbers(Math.floor(now / DAY)));
    const chosen: Float32Array[] = [];
    let values = 0;
    for (const { workload, series } of names.slice(0, MOST_SERIES)) {
      if (values >= MOST_VALUES || this.#stop.signal.aborted) break;
      const from = await this.#start(workload, series, now);
      if (now - from < SEASONS.least * season) continue;
      const past = new Float32Array(Math.round((now - from) / step)).fill(Number.NaN);
      for (let tick = 0; tick < past.length; tick += BATCH_TICKS) {
        const to = Math.min(past.length, tick + BATCH_TICKS);
        past.set(
          (await this.#parts.usage.demand(workload, series, from + tick * step, from + to * step, step)).values,
          tick,
        );
      }
      chosen.push(past);
      values += past.length;
    }
    return chosen;
  }

  /** Where a series begins, roughly; `now` where it does not. */
  async #start(workload: string, series: SeriesName, now: number): Promise<number> {
    const { step, season, usage } = this.#parts;
    const earliest = now - Math.ceil((SEASONS.most * season) / step) * step;
    const coarse = Math.max(step, Math.round(season / 24 / step) * step);
    const { values } = await usage.demand(workload, series, earliest, now, coarse);
    const first = values.findIndex((value) => !Number.isNaN(value));
    return first < 0 ? now : Math.min(now, earliest + first * coarse);
  }

  /** Ends a training that is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }
}

/** In place, each order as likely as another (Fisher and Yates). */
function shuffle<T>(items: T[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
}
