import type { UsageVector } from "../../../model/vector.ts";
import { FUTURE_SECONDS, isPossible, isPossibleSignal, MOST_TEXT } from "../possible.ts";
import type { Attribution, Told } from "./attribution.ts";
import { PendingVector } from "./pending-vector.ts";
import type { Sample } from "./sample.ts";

/** Older than that the store takes nothing. */
const PAST_SECONDS = 2 * 3600;
/** A counter that was not read for so long says nothing of the time between; a host that was silent for so long begins anew. */
const LONGEST_INTERVAL = 600;
/** Seconds until what belongs together has come: senders split what they read at one time over several requests. */
const SETTLE = 3;
/** Seconds between times that still are one: a collector reads one thing after another. */
const TOGETHER = 2;
/** Vectors of one host that may wait: what a sender could not deliver comes all at once. */
const MOST_PENDING = 200;
const MOST_SENDERS = 1000;

export interface AssemblerOptions {
  readonly attribution: Attribution;
  /** Series that one sender may have; what comes beyond is refused. */
  readonly series: number;
  /** Seconds in the past from which on samples are too old; default two hours, as long as the store takes them. */
  readonly past?: number;
}

/** What became of samples. */
export interface Taken {
  /** Samples that tell something. */
  readonly used: number;
  /** No newer than what was taken of their series: senders say again what they do not know to have arrived. */
  readonly repeated: number;
  readonly refused: number;
  /** Why the first of them was refused. */
  readonly reason: string | undefined;
}

interface Series {
  readonly key: string;
  readonly told: readonly Told[];
  readonly sender: string;
  at: number;
  value: number;
  seen: number;
}

interface Host {
  /** Time of the last vector, or of the base that was laid. */
  at: number;
  /** There has been no vector since the base. */
  fresh: boolean;
  readonly pending: PendingVector[];
}

/**
 * Puts vectors together from samples of foreign measurers: counters become rates, what was read at one time of one host becomes one vector.
 * A first sample lays the base; a counter that falls was started anew and counts from nothing, as for Prometheus.
 */
export class VectorAssembler {
  readonly #options: AssemblerOptions;
  readonly #series = new Map<string, Series>();
  readonly #senders = new Map<string, number>();
  readonly #hosts = new Map<string, Map<string, Host>>();
  #sweptAt = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** Series that are followed. */
  get series(): number {
    return this.#series.size;
  }

  /**
   * @param sender who is held to the bound on series
   * @param now epoch seconds
   */
  take(samples: Iterable<Sample>, sender: string, now: number): Taken {
    let [used, repeated, refused] = [0, 0, 0];
    let reason: string | undefined;
    for (const sample of samples) {
      const series = this.#seriesOf(sample, sender, now);
      if (series === undefined) continue;
      if (typeof series !== "string" && sample.at <= series.at) {
        repeated++;
        continue;
      }
      const refusal = typeof series === "string" ? series : this.#add(series, sample, now);
      if (refusal === undefined) used++;
      else {
        refused++;
        reason ??= `${sample.name}: ${refusal}`;
      }
    }
    return { used, repeated, refused, reason };
  }

  /** Vectors of which everything has come, oldest first. @param settle seconds since their first sample came */
  due(now: number, settle = SETTLE): UsageVector[] {
    const vectors: UsageVector[] = [];
    for (const [workload, hosts] of this.#hosts)
      for (const [name, host] of hosts) {
        host.pending.sort((a, b) => a.at - b.at);
        const last = host.pending.findLastIndex(({ since }) => since <= now - settle);
        for (const pending of host.pending.splice(0, last + 1)) {
          const interval = pending.at - host.at;
          if (interval <= 0) continue;
          Object.assign(host, { at: pending.at, fresh: false });
          if (interval > LONGEST_INTERVAL) continue;
          const vector = pending.vector({ workload, host: name, interval });
          if (vector !== undefined) vectors.push(vector);
        }
      }
    this.#sweep(now);
    return vectors;
  }

  /** The series of a sample; undefined where it tells nothing, a text where it is one too many. */
  #seriesOf({ name, labels }: Sample, sender: string, now: number): Series | string | undefined {
    if (!this.#options.attribution.names.has(name)) return undefined;
    const key = seriesKey(name, labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const told = this.#options.attribution.of(name, labels);
    if (told.length === 0) return undefined;
    if (told.some(({ host }) => host.length > MOST_TEXT) || key.length > 20 * MOST_TEXT)
      return "its labels are too long";
    const count = this.#senders.get(sender) ?? 0;
    const { series: most } = this.#options;
    if (count >= most) return `more than ${most} series of one sender`;
    if (count === 0 && this.#senders.size >= MOST_SENDERS) return `more than ${MOST_SENDERS} senders`;
    this.#senders.set(sender, count + 1);
    const series: Series = { key, told, sender, at: Number.NEGATIVE_INFINITY, value: Number.NaN, seen: now };
    this.#series.set(key, series);
    return series;
  }

  #add(series: Series, sample: Sample, now: number): string | undefined {
    const { value, at } = sample;
    if (!(at <= now + FUTURE_SECONDS)) return "its time is in the future";
    if (!(at >= now - (this.#options.past ?? PAST_SECONDS))) return "its time is too long ago";
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return `${value} is no possible value`;
    const before = { at: series.at, value: series.value };
    const first = before.at === Number.NEGATIVE_INFINITY;
    Object.assign(series, { at, value, seen: now });
    for (const told of series.told) {
      const figure = amount(told, sample, before, lastBefore(this.#hosts.get(told.workload)?.get(told.host), at));
      if (figure === undefined) this.#begin(told, at);
      else if (!isSane(told, figure)) return `${figure} is no possible value of ${nameOf(told)}`;
      // A gauge that was read with the base.
      else if (first && this.#isBase(told, at)) continue;
      else if (!this.#pend(series, told, sample, figure, now)) return "older than what was told of the host";
    }
    return undefined;
  }

  /** The base of a host's first vector. */
  #begin({ workload, host }: Told, at: number): Host {
    const hosts = this.#hosts.get(workload) ?? new Map<string, Host>();
    this.#hosts.set(workload, hosts);
    const known = hosts.get(host);
    if (known !== undefined) {
      const silent = at - (lastBefore(known, at) ?? at) > LONGEST_INTERVAL;
      if (silent && known.pending.length === 0) Object.assign(known, { at, fresh: true });
      // Behind what still waits: a vector of nothing, from which the next one counts.
      else if (silent) known.pending.push(new PendingVector(at, Number.NEGATIVE_INFINITY));
      return known;
    }
    const begun: Host = { at, fresh: true, pending: [] };
    hosts.set(host, begun);
    return begun;
  }

  #isBase(told: Told, at: number): boolean {
    const host = this.#begin(told, at);
    return host.fresh && told.family.kind === "gauge" && Math.abs(at - host.at) <= TOGETHER;
  }

  /** Returns false when its vector has gone already. */
  #pend({ key }: Series, told: Told, { name, labels, at }: Sample, figure: number, now: number): boolean {
    const host = this.#begin(told, at);
    if (at <= host.at) return false;
    const near = host.pending.filter((one) => Math.abs(one.at - at) <= TOGETHER && !one.has(key, told));
    near.sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at));
    let pending: PendingVector | undefined = near[0];
    if (pending === undefined) {
      if (host.pending.length >= MOST_PENDING) return false;
      pending = new PendingVector(at, now);
      host.pending.push(pending);
    }
    pending.add(key, name, labels, told, figure);
    return true;
  }

  /** Forgets who was silent for long, once a minute. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < 60) return;
    this.#sweptAt = now;
    for (const [key, { seen, sender }] of this.#series) {
      if (seen > now - LONGEST_INTERVAL) continue;
      this.#series.delete(key);
      const left = (this.#senders.get(sender) ?? 1) - 1;
      if (left > 0) this.#senders.set(sender, left);
      else this.#senders.delete(sender);
    }
    const heard = new Set([...this.#series.values()].flatMap(({ told }) => told.map(hostKey)));
    for (const [workload, hosts] of this.#hosts) {
      for (const [host, { pending }] of hosts)
        if (pending.length === 0 && !heard.has(hostKey({ workload, host }))) hosts.delete(host);
      if (hosts.size === 0) this.#hosts.delete(workload);
    }
  }
}

/** Time of the host's last vector, gone or waiting, that is not of this time. */
function lastBefore(host: Host | undefined, at: number): number | undefined {
  if (host === undefined) return undefined;
  return Math.max(host.at, ...host.pending.map((one) => one.at).filter((time) => time < at - TOGETHER));
}

function hostKey({ workload, host }: Pick<Told, "workload" | "host">): string {
  return `${workload}\n${host}`;
}

function seriesKey(name: string, labels: Sample["labels"]): string {
  return `${name}\n${[...labels]
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join("\n")}`;
}

/**
 * The value of a gauge, the rate of a counter.
 *
 * @param hostAt until when the host has been told of before
 * @returns undefined for a counter that has no base yet
 */
function amount(
  { family: { kind, scale = 1 } }: Told,
  { value, at, counts, start }: Sample,
  before: { readonly at: number; readonly value: number },
  hostAt: number | undefined,
): number | undefined {
  if (kind === "gauge") return value * scale;
  if (counts === "delta") return start !== undefined && at > start ? (value * scale) / (at - start) : undefined;
  if (at - before.at <= LONGEST_INTERVAL && !(start !== undefined && start > before.at && value >= before.value))
    return ((value >= before.value ? value - before.value : value) * scale) / (at - before.at);
  // Began to count while others were measured already: all of it is of this time.
  const begun = start !== undefined && hostAt !== undefined && start >= hostAt - TOGETHER && at > start;
  return begun ? (value * scale) / (at - Math.min(start, hostAt)) : undefined;
}

function isSane({ figure, family }: Told, value: number): boolean {
  if (typeof figure === "object" || figure === "concurrency") return isPossibleSignal(value);
  if (figure === "throttled") return value >= 0;
  return isPossible(figure, family.outOf === undefined ? value : Math.abs(value));
}

function nameOf({ figure }: Told): string {
  return typeof figure === "object" ? figure.signal : figure;
}
