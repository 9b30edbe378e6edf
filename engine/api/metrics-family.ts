import { labels, PrometheusFamily } from "../../model/prometheus-text.ts";

/** Samples of one metric: attributes and value. */
export type Samples = readonly (readonly [
  attributes: readonly (readonly [string, string | number])[],
  value: number | null,
])[];

/** One of the engine's metrics in Prometheus' text format. What is not known or not finite is left out. */
export function family(name: string, type: "counter" | "gauge", help: string, samples: Samples): string {
  const page = new PrometheusFamily(`foreshadow_${name}`, type, help);
  for (const [attributes, value] of samples)
    if (value !== null && Number.isFinite(value)) page.add(labels(attributes), value);
  return page.toString();
}
