import { prometheusName, type Sample } from "../mapping/sample.ts";
import type { HttpSource } from "./http-source.ts";

/** A series as a server answers it: labels, and values by time. */
export interface AnsweredSeries {
  readonly labels: ReadonlyMap<string, string>;
  /** Epoch seconds and value. */
  readonly values: readonly (readonly [number, number])[];
}

/** The instants that an expression is asked for: the first, the last, and the seconds between two. Epoch seconds. */
export interface Instants {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** A server that answers PromQL over HTTP (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export class PrometheusServer {
  readonly #source: Pick<HttpSource, "post">;

  constructor(source: Pick<HttpSource, "post">) {
    this.#source = source;
  }

  /** @param at epoch seconds @throws Error that says what the server said */
  async query(expression: string, at: number): Promise<AnsweredSeries[]> {
    return this.#ask("/api/v1/query", { query: expression, time: String(at) });
  }

  /** @throws Error that says what the server said */
  async queryRange(expression: string, { first, last, step }: Instants): Promise<AnsweredSeries[]> {
    const instants = { start: String(first), end: String(last), step: String(step) };
    // VictoriaMetrics moves the instants to multiples of the step where it may cache.
    return this.#ask("/api/v1/query_range", { query: expression, ...instants, nocache: "1" });
  }

  async #ask(path: string, form: Readonly<Record<string, string>>): Promise<AnsweredSeries[]> {
    const { text } = await this.#source.post(path, form);
    const answer = JSON.parse(text) as {
      status?: string;
      error?: string;
      data?: { resultType?: string; result?: unknown };
    };
    if (answer.status !== "success") throw new Error(answer.error ?? "an answer that is none of Prometheus' API");
    const { resultType, result } = answer.data ?? {};
    if (resultType === "scalar") return [{ labels: new Map(), values: [point(result)] }];
    if (!Array.isArray(result)) throw new Error(`a result of the type ${resultType ?? "none"}, which has no series`);
    return result.map(seriesOf);
  }
}

function seriesOf(one: { metric?: Record<string, string>; value?: unknown; values?: unknown[] }): AnsweredSeries {
  const values = one.values ?? (one.value === undefined ? [] : [one.value]);
  return { labels: new Map(Object.entries(one.metric ?? {})), values: values.map(point) };
}

function point(pair: unknown): readonly [number, number] {
  const [at, value] = Array.isArray(pair) ? pair : [Number.NaN, Number.NaN];
  return [
    Number(at),
    value === "+Inf" ? Number.POSITIVE_INFINITY : value === "-Inf" ? Number.NEGATIVE_INFINITY : Number(value),
  ];
}

/** The values of series as samples. */
export function* samplesOf(series: readonly AnsweredSeries[]): Generator<Sample> {
  for (const { labels: all, values } of series) {
    const labels = new Map(all);
    const name = labels.get("__name__") ?? "";
    labels.delete("__name__");
    for (const [at, value] of values) if (!Number.isNaN(value)) yield { name, labels, value, at };
  }
}

/** The series of these names that have the labels, `*` for any text; of a label with several patterns those that have one of them. */
export function selector(
  names: Iterable<string>,
  labels: Readonly<Record<string, string | readonly string[]>>,
): string {
  const matchers = Object.entries(labels).map(([label, wanted]) => {
    const patterns = typeof wanted === "string" ? [wanted] : wanted;
    const name = prometheusName(label);
    return patterns.length > 1 || patterns[0].includes("*")
      ? `${name}=~${quoted(patterns.map(expression).join("|"))}`
      : `${name}=${quoted(patterns[0])}`;
  });
  return `{${[`__name__=~${quoted([...names].join("|"))}`, ...matchers].join(",")}}`;
}

/** A pattern as a regular expression of RE2. */
function expression(pattern: string): string {
  return pattern
    .split("*")
    .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"))
    .join(".*");
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`;
}
