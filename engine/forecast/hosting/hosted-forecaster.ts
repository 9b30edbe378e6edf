import type { ForecastReader } from "../fleet/read-forecast.ts";
import type { Forecast, ForecasterOptions, ForecasterSnapshot, SeriesForecaster } from "../forecast.port.ts";
import type { FallbackCause } from "../forecast-host.port.ts";
import type { EnsembleClient } from "./ensemble-client.ts";
import type { Column, FleetPool, KeptColumn } from "./fleet-pool.ts";

const VERSION = 1;

/** What a hosted forecaster holds, so that it can be given back when nobody has the forecaster any more. */
export interface Holding {
  /** Absent until there is a value. */
  column: Column | undefined;
  member: number | undefined;
}

/** What is kept of one: the rest lies in the fleet's memory, and in the state of its ensemble. */
interface Kept {
  readonly column: KeptColumn;
  readonly ticks: number;
  readonly member: number | undefined;
}

/** Where the state of the former host is found. */
export interface Former {
  /** Whether the fleet's memory was taken over. */
  readonly fleet: boolean;
  /** States of ensembles by the number that they had. */
  readonly ensembles: ReadonlyMap<number, string>;
}

/**
 * One series of a host. The fleet answers at once, always; the ensemble's answer, where the series has one, is used when it is there.
 * What was to come from the ensemble and did not is told in `fallbackFrom`.
 */
export class HostedForecaster implements SeriesForecaster {
  readonly #options: ForecasterOptions;
  readonly #pool: FleetPool;
  readonly #reader: ForecastReader;
  readonly #ensembles: EnsembleClient;
  readonly #former: () => Former;
  readonly #made: (fallback?: FallbackCause) => void;
  readonly #holding: Holding;
  #ticks = 0;
  /** Milliseconds that the ensemble was last waited for. */
  #waited = 0;

  /** @param made called for each forecast; with the cause, where a cheaper model had to make it */
  constructor(
    options: ForecasterOptions,
    parts: {
      readonly pool: FleetPool;
      readonly ensembles: EnsembleClient;
      readonly former: () => Former;
      readonly holding: Holding;
      readonly made: (fallback?: FallbackCause) => void;
    },
  ) {
    this.#options = options;
    this.#pool = parts.pool;
    this.#reader = parts.pool.readerOf(options);
    this.#ensembles = parts.ensembles;
    this.#former = parts.former;
    this.#holding = parts.holding;
    this.#made = parts.made;
  }

  get ticks(): number {
    return this.#ticks;
  }

  update(value: number): void {
    const { member } = this.#holding;
    this.#pool.put(this.#column(), value);
    this.#ticks++;
    if (member !== undefined) this.#ensembles.put(member, value);
  }

  #column(): Column {
    const { startsAt, step, tier } = this.#options;
    this.#holding.column ??= this.#pool.open(
      Math.round(startsAt / step),
      tier === "fast" ? "fast" : "balanced",
      this.#options,
    );
    return this.#holding.column;
  }

  reweigh(): void {
    const { member } = this.#holding;
    this.#pool.reweigh(this.#column());
    if (member !== undefined) this.#ensembles.reweigh(member);
  }

  async settled(deadline: number): Promise<void> {
    const { member } = this.#holding;
    if (member === undefined) return;
    const started = performance.now();
    this.#ensembles.ask(member);
    // One that is far behind is not waited for: it learns its past, or it is stuck.
    while (this.#ensembles.read(member) === undefined && this.#ensembles.behind(member) <= 1) {
      const left = deadline - performance.now();
      if (left <= 0) break;
      await this.#ensembles.next(left);
    }
    this.#waited = performance.now() - started;
  }

  forecast(): Forecast {
    const { member } = this.#holding;
    const column = this.#column();
    const said = member === undefined ? undefined : this.#ensembles.read(member);
    if (said !== undefined) {
      this.#made();
      return said;
    }
    const shard = this.#pool.flush(column);
    const forecast = this.#reader.read(shard, column.column, column.next - 1, this.#options.series);
    if (member === undefined) {
      this.#made();
      return forecast;
    }
    const { cause, text } = this.#missed(member);
    this.#made(cause);
    return { ...forecast, fallbackFrom: `ensemble: ${text}` };
  }

  #missed(member: number): { readonly cause: FallbackCause; readonly text: string } {
    if (!this.#ensembles.has(member)) return { cause: "ended", text: "its thread ended" };
    const behind = this.#ensembles.behind(member);
    if (!Number.isFinite(behind)) return { cause: "learning", text: "still learning the past" };
    return behind > 1
      ? { cause: "behind", text: `${behind} ticks behind` }
      : { cause: "deadline", text: `no answer within ${Math.round(this.#waited)} ms` };
  }

  snapshot(): ForecasterSnapshot {
    const { member } = this.#holding;
    const column = this.#column();
    this.#pool.flush(column);
    const { shard, column: index, next } = column;
    const state: Kept = { column: { shard, column: index, next }, ticks: this.#ticks, member };
    return { format: "foreshadow.forecaster", version: VERSION, options: this.#options, state };
  }

  /** Goes on with a column and an ensemble of the former host. @throws RangeError where they are not there any more */
  restore({ format, version, options, state }: ForecasterSnapshot): void {
    const { column, ticks, member } = state as Partial<Kept>;
    if (format !== "foreshadow.forecaster" || version !== VERSION || column === undefined || ticks === undefined)
      throw new RangeError(`expected the state of a hosted forecaster of version ${VERSION}, found another`);
    const former = this.#former();
    if (!former.fleet) throw new RangeError("the fleet's memory was not taken over: give it the history");
    const kept = member === undefined ? undefined : former.ensembles.get(member);
    const fits = () => kept !== undefined && JSON.stringify(options) === JSON.stringify(this.#options);
    if (this.#holding.member !== undefined && !fits())
      throw new RangeError("the ensemble's state was made by other options: give it the history");
    if (this.#holding.column !== undefined) this.#pool.release(this.#holding.column);
    if (this.#holding.member !== undefined) this.#ensembles.drop(this.#holding.member);
    this.#holding.column = this.#pool.claim(column, this.#options);
    if (this.#holding.member !== undefined) this.#holding.member = this.#ensembles.open(this.#options, kept, ticks);
    this.#ticks = ticks;
  }
}
