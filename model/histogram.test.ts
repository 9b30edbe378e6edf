import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "./histogram.ts";
import { PrometheusFamily } from "./prometheus-text.ts";

test("values are counted by their upper bound, and told as Prometheus reads them", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 2, Number.NaN]) histogram.observe(value);
  assert.deepEqual(histogram.counts, [2, 1, 1]);
  const family = new PrometheusFamily("took_seconds", "histogram", "How long.");
  family.addHistogram('kind="a"', histogram);
  assert.equal(
    family.toString(),
    `# HELP took_seconds How long.
# TYPE took_seconds histogram
took_seconds_bucket{kind="a",le="0.1"} 2
took_seconds_bucket{kind="a",le="1"} 3
took_seconds_bucket{kind="a",le="+Inf"} 4
took_seconds_sum{kind="a"} 2.65
took_seconds_count{kind="a"} 4
`,
  );
});
