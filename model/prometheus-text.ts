import type { HistogramFigures } from "./histogram.ts";

/** One metric of the text exposition format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export class PrometheusFamily {
  readonly #name: string;
  readonly #lines: string[];

  /** @param name in Prometheus's form: units and `_total` written out, no dots */
  constructor(name: string, type: "counter" | "gauge" | "histogram", help: string) {
    this.#name = name;
    this.#lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  }

  add(labels: string, value: number): void {
    this.#add(this.#name, labels, value);
  }

  /** The buckets of a histogram, each with what is below it, then sum and count. */
  addHistogram(labels: string, { bounds, counts, sum }: HistogramFigures): void {
    const before = labels === "" ? "" : `${labels},`;
    let count = 0;
    for (const [i, one] of counts.entries()) {
      count += one;
      this.#add(`${this.#name}_bucket`, `${before}le="${bounds[i] ?? "+Inf"}"`, count);
    }
    this.#add(`${this.#name}_sum`, labels, sum);
    this.#add(`${this.#name}_count`, labels, count);
  }

  #add(name: string, labels: string, value: number): void {
    this.#lines.push(labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`);
  }

  /** The metric's lines, empty when it has no sample. */
  toString(): string {
    return this.#lines.length > 2 ? `${this.#lines.join("\n")}\n` : "";
  }
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** Labels from attributes: dots become underscores, values are escaped. */
export function labels(attributes: readonly (readonly [string, string | number])[]): string {
  return attributes
    .map(([key, value]) => `${key.replace(/\./g, "_")}="${`${value}`.replace(/[\\"\n]/g, (char) => ESCAPES[char])}"`)
    .join(",");
}
