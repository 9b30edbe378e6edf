import type { Metric } from "../../../model/dimension.ts";
import { Attribution, counts, hostOf, kindOfName, type Told, tellingLabels } from "../mapping/attribution.ts";
import { FAMILIES } from "../mapping/families.ts";
import { isPossible } from "../possible.ts";
import { type PrometheusServer, selector } from "../pull/prometheus-server.ts";
import { aboutOthers, CAPACITIES } from "./capacity-metrics.ts";
import { type FoundSeries, findWorkloads, IDENTITY } from "./find-workloads.ts";
import { HostFigures, type WorkloadArrays } from "./host-figures.ts";
import { RangeReader } from "./range-reader.ts";
import type {
  FoundWorkload,
  HistoryWindow,
  ReadWorkload,
  ToldCapacity,
  UsageHistory,
  WorkloadHistory,
} from "./usage-history.port.ts";

const DAY = 86_400;
const HOUR = 3600;
/** Workloads that are read at a time. */
const GROUP = 40;
/** Ticks that are read at a time, of all metrics of a group. */
const CHUNK_TICKS = 288;
/** Of a rate's window, in intervals between two samples: two samples lie in it whatever their phase. */
const LEAST_SAMPLES = 2.5;

export interface PrometheusHistoryOptions {
  readonly server: Pick<PrometheusServer, "queryRange">;
  /** Questions that are open at a time. Default 3. */
  readonly concurrency?: number;
}

/**
 * The past that a server which answers PromQL has kept, read by the same table as the intake reads the present (docs/intake.md): counters
 * become rates and gauges means over each tick, on the server, and of several that tell one figure of a host the one of least rank counts.
 * Counters that begin anew, series that go stale and pods that come and go are the server's `rate` and `avg_over_time`; a tick without
 * samples is a gap. A host that lived for a part of a tick counts its gauges in full and its rates for that part.
 *
 * Memory: some dozens of workloads at a time, and of those the hosts of some hundred ticks. Parsing answers blocks the thread for up to
 * a tenth of a second at a time.
 */
export class PrometheusHistory implements UsageHistory {
  readonly #reader: RangeReader;

  constructor({ server, concurrency = 3 }: PrometheusHistoryOptions) {
    this.#reader = new RangeReader({ server, concurrency });
  }

  async find(window: HistoryWindow): Promise<readonly FoundWorkload[]> {
    const cpu = FAMILIES.filter(({ figure, demand }) => figure === "cpu" && demand === undefined);
    const looks = looksAt(window, HOUR);
    const there = await this.#namesAt(
      selector(
        cpu.flatMap(({ names }) => names),
        {},
      ),
      window,
    );
    const found = new Map<string, FoundSeries>();
    for (const name of there) {
      const families = cpu.filter(({ names }) => names.includes(name));
      const conditions = families.flatMap(({ only = {}, not = {} }) => Object.keys({ ...only, ...not }));
      const by = new Set([...IDENTITY, ...conditions.flatMap((one) => one.split("|"))]);
      await this.#reader.read(`count by (${[...by].join(",")}) (${selector([name], {})})`, looks, (labels) => {
        for (const family of families)
          if (counts(family, labels))
            found.set(JSON.stringify([family.source, ...labels]), { labels, source: family.source });
      });
    }
    return findWorkloads([...found.values()]);
  }

  async *read(
    workloads: readonly ReadWorkload[],
    window: HistoryWindow,
    told: (share: number) => void = () => {},
    only?: ReadonlySet<string>,
  ): AsyncGenerator<WorkloadHistory> {
    const attribution = new Attribution(workloads);
    const by = tellingLabels(workloads);
    const groups = groupsOf(workloads.filter(({ name }) => only === undefined || only.has(name)));
    const ticks = Math.round((window.to - window.from) / window.step);
    const chunks = Math.ceil(ticks / CHUNK_TICKS);
    for (const [g, group] of groups.entries()) {
      const names = await this.#namesAt(selector(attribution.names, group.labels), window);
      const intervals = await Promise.all(names.map((name) => this.#interval(name, group, window)));
      const arrays = new Map(group.workloads.map(({ name }) => [name, emptyArrays(ticks)]));
      const known = new Map<string, Told[]>();
      for (let chunk = 0; chunk < chunks; chunk++) {
        const [first, end] = [chunk * CHUNK_TICKS, Math.min(ticks, (chunk + 1) * CHUNK_TICKS)];
        const part = { ...window, from: window.from + first * window.step, to: window.from + end * window.step };
        const hosts = new Map(group.workloads.map(({ name }) => [name, new HostFigures(end - first)]));
        await Promise.all(
          names.map((name, n) =>
            this.#reader.read(overTicks(name, group, by, window.step, intervals[n]), part, (labels, values) => {
              const key = JSON.stringify([name, ...labels]);
              let all = known.get(key);
              if (all === undefined) {
                all = attribution.of(name, labels);
                known.set(key, all);
              }
              for (const one of all) hosts.get(one.workload)?.add(one, name, values);
            }),
          ),
        );
        for (const [name, figures] of hosts) figures.addTo(arrays.get(name)!, first);
        told((g + (chunk + 1) / chunks) / groups.length);
      }
      const interval = Math.min(...intervals.filter(Number.isFinite), Number.POSITIVE_INFINITY);
      for (const workload of group.workloads) {
        const own = arrays.get(workload.name)!;
        await this.#readExpressions(workload, window, own);
        yield {
          workload: workload.name,
          window,
          ...own,
          interval: own.usage.size === 0 || !Number.isFinite(interval) ? Number.NaN : interval,
        };
      }
    }
  }

  async capacities(
    workloads: readonly ReadWorkload[],
    window: HistoryWindow,
  ): Promise<ReadonlyMap<string, readonly ToldCapacity[]>> {
    const attribution = new Attribution(workloads);
    const by = tellingLabels(workloads);
    const found = new Map<string, ToldCapacity[]>();
    for (const { figure, of, expression } of CAPACITIES) {
      const hosts = new Map<string, Map<string, number>>();
      await this.#reader.read(expression(by), looksAt(window, DAY), (labels, points) => {
        const own = aboutOthers(labels);
        const workload = attribution.workloadOf(own);
        const value = points.at(-1)?.[1] ?? 0;
        if (workload === undefined || !(value > 0 && isPossible(figure, value))) return;
        const told = hosts.get(workload) ?? new Map<string, number>();
        hosts.set(workload, told.set(hostOf(own), (told.get(hostOf(own)) ?? 0) + value));
      });
      for (const [workload, told] of hosts) {
        const value = [...told.values()].reduce((sum, one) => sum + one, 0) / told.size;
        const all = found.get(workload) ?? [];
        if (!all.some((one) => one.figure === figure && one.of === of)) all.push({ figure, of, value });
        found.set(workload, all);
      }
    }
    return found;
  }

  /** Signals that an expression tells of: what `requests` or `errors` come to is both usage and demand. */
  async #readExpressions(
    { expressions = [] }: ReadWorkload,
    window: HistoryWindow,
    { usage, demand, replicas }: WorkloadArrays,
  ): Promise<void> {
    for (const { name, promql } of expressions) {
      if (name !== "requests" && name !== "errors") continue;
      const values = new Float64Array(replicas.length).fill(Number.NaN);
      await this.#reader.read(promql, window, (_, points) => {
        for (const [tick, value] of points)
          if (isPossible(name, value)) values[tick] = (Number.isNaN(values[tick]) ? 0 : values[tick]) + value;
      });
      for (const one of [usage, demand]) one.set(name satisfies Metric, values);
    }
  }

  /** The names that series of the selector had at some hour of the window. */
  async #namesAt(selected: string, window: HistoryWindow): Promise<string[]> {
    const names = new Set<string>();
    await this.#reader.read(`count by (__name__) (${selected})`, looksAt(window, HOUR), (labels) => {
      names.add(labels.get("__name__") ?? "");
    });
    return [...names].filter((name) => name !== "").sort();
  }

  /** Seconds between two samples of a metric, where it has most; NaN where it cannot be seen. */
  async #interval(name: string, group: Group, window: HistoryWindow): Promise<number> {
    let most = 0;
    const expression = `max(count_over_time(${selector([name], group.labels)}[${HOUR}s]))`;
    await this.#reader.read(expression, looksAt(window, DAY), (_, points) => {
      for (const [, count] of points) most = Math.max(most, count);
    });
    // Both ends of the hour belong to it.
    return most > 1 ? HOUR / (most - 1) : Number.NaN;
  }
}

/** Workloads whose series are asked for together, and what all of those have. */
interface Group {
  readonly workloads: readonly ReadWorkload[];
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** Workloads that are told apart by the same labels, some dozens to a group. Without labels a page of the agent names them. */
function groupsOf(workloads: readonly ReadWorkload[]): Group[] {
  const labelsOf = ({ name, labels = { foreshadow_workload: name } }: ReadWorkload) => labels;
  const alike = new Map<string, ReadWorkload[]>();
  for (const workload of workloads) {
    const key = Object.keys(labelsOf(workload)).sort().join("|");
    alike.set(key, [...(alike.get(key) ?? []), workload]);
  }
  return [...alike.values()].flatMap((all) => {
    const keys = Object.keys(labelsOf(all[0]));
    return Array.from({ length: Math.ceil(all.length / GROUP) }, (_, i) => {
      const part = all.slice(i * GROUP, (i + 1) * GROUP);
      const labels = keys.map((key) => [key, [...new Set(part.map((one) => labelsOf(one)[key]))]] as const);
      return { workloads: part, labels: Object.fromEntries(labels) };
    });
  });
}

/** A metric over each tick, added up over what tells nothing. */
function overTicks(name: string, group: Group, by: readonly string[], step: number, interval: number): string {
  const window = Math.ceil(Math.max(step, LEAST_SAMPLES * (Number.isNaN(interval) ? 0 : interval)));
  const over = kindOfName(name) === "counter" ? "rate" : "avg_over_time";
  return `sum by (${by.join(",")}) (${over}(${selector([name], group.labels)}[${window}s]))`;
}

/** Instants through a window, the last of them its end. */
function looksAt({ from, to }: HistoryWindow, step: number): HistoryWindow {
  const count = Math.max(1, Math.floor((to - from) / step));
  return { from: to - count * step, to, step };
}

function emptyArrays(ticks: number): WorkloadArrays {
  return {
    usage: new Map(),
    demand: new Map(),
    throttled: new Uint8Array(ticks),
    replicas: new Float64Array(ticks).fill(Number.NaN),
  };
}
