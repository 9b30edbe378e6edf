import { PrometheusFamily } from "../../../model/prometheus-text.ts";
import type { IntakeFigures } from "./handler.ts";

const SAID: Readonly<Record<keyof IntakeFigures, readonly [name: string, type: "counter" | "gauge", help: string]>> = {
  requests: ["requests_total", "counter", "Requests to the intake."],
  refusedRequests: ["requests_refused_total", "counter", "Requests that were refused as a whole."],
  vectors: ["vectors_total", "counter", "Usage vectors that came whole."],
  samples: ["samples_total", "counter", "Samples of other measurers that told something."],
  rejectedPoints: ["points_refused_total", "counter", "Data points and samples refused one by one."],
  series: ["series", "gauge", "Series of other measurers that are followed."],
};

/** What the intake took and refused, in Prometheus' text format. */
export function intakePage(figures: IntakeFigures): string {
  return (Object.keys(SAID) as (keyof IntakeFigures)[])
    .map((key) => {
      const [name, type, help] = SAID[key];
      const family = new PrometheusFamily(`foreshadow_intake_${name}`, type, help);
      family.add("", figures[key]);
      return family.toString();
    })
    .join("");
}
