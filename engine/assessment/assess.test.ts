import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConstraints } from "../../model/constraints.ts";
import type { SeriesName } from "../../model/dimension.ts";
import { createForecaster } from "../forecast/forecaster.ts";
import { randomNumbers } from "../forecast/synthetic.ts";
import { assess } from "./assess.ts";
import { assessOnThreads } from "./assessment-threads.ts";
import { type HistoryReport, inOrder, totalsOf } from "./history-report.ts";
import type { RecordedWorkload } from "./recorded-workload.ts";
import { reportPage } from "./report-page.ts";

/** Eight days of a quarter of an hour a tick. */
const DAY = 96;
const TICKS = 8 * DAY;
const SETTINGS = { startDelay: 900, violation: 0.01 };

function recorded(
  name: string,
  value: (tick: number) => number,
  more: Partial<RecordedWorkload> = {},
  ticks = TICKS,
): RecordedWorkload {
  const series = new Map<SeriesName, Float64Array>([
    ["cpu", Float64Array.from({ length: ticks }, (_, tick) => value(tick))],
  ]);
  const trace = { startsAt: 20_000 * 86_400, step: 900, ticks, series };
  return { name, kind: "pods", trace, told: [], throttled: 0, notes: [], ...more };
}

const random = randomNumbers(3);
const seasonal = recorded("seasonal", (tick) => 10 - 8 * Math.cos((2 * Math.PI * tick) / DAY) + random());
const noise = recorded("noise", () => 5 + 5 * (random() + random() + random()));
const judge = (workload: RecordedWorkload) => assess(workload, { ...SETTINGS, forecaster: createForecaster });
const [ofSeasonal, ofNoise] = [judge(seasonal), judge(noise)];

test("what has a daily pattern is worth it", () => {
  const { verdict, courses, judgedTicks, judgedFrom, from, predictability } = ofSeasonal;
  assert.equal(verdict.worth, "worth it", verdict.reasons.join("; "));
  assert.deepEqual([judgedTicks, judgedFrom - from], [4 * DAY, 4 * 86_400]);
  const { today, foreshadow, reactive, fixed } = courses!;
  assert.ok(foreshadow.replicaHours < 0.85 * Math.min(today.replicaHours, fixed.replicaHours));
  assert.ok(foreshadow.violationTicks < reactive.violationTicks);
  assert.ok(predictability[0].explained! > 0.7 && predictability[0].trusted);
});

test("what is chance alone is not, and it says why", () => {
  const { verdict, predictability } = ofNoise;
  assert.equal(verdict.worth, "not worth it");
  assert.match(verdict.reasons.join("; "), /did not earn the right to act: no skill over a constant/);
  assert.match(verdict.reasons.join("; "), /mostly noise/);
  assert.ok(predictability[0].explained! < 0.1);
});

test("today's capacity is what was recorded, tick by tick", () => {
  const replicas = Float64Array.from({ length: TICKS }, (_, tick) => (tick % DAY < DAY / 2 ? 40 : 2));
  const { courses, capacity } = judge({ ...seasonal, replicas, told: [{ figure: "cpu", of: "limit", value: 1 }] });
  assert.equal(capacity?.guessed, false);
  assert.equal(courses!.today.replicaHours, (4 * DAY * 21) / 4);
  assert.ok(courses!.today.violationTicks > DAY, "half of each day there were two");
});

test("what one replica carries is nothing to scale", () => {
  const { verdict } = judge({
    ...seasonal,
    replicas: new Float64Array(TICKS).fill(1),
    told: [{ figure: "cpu", of: "limit", value: 64 }],
  });
  assert.deepEqual([verdict.worth, /one replica carries all/.test(verdict.reasons[0])], ["not worth it", true]);
});

test("a past of a day, or without CPU, is not judged, and the constraints are there all the same", () => {
  const short = judge(recorded("short", () => 1, {}, DAY));
  assert.deepEqual([short.verdict.worth, short.courses], ["cannot tell", undefined]);
  assert.match(short.verdict.reasons[0], /1\.0 days are recorded/);
  const other = judge({
    ...seasonal,
    trace: { ...seasonal.trace, series: new Map([["memory", seasonal.trace.series.get("cpu")!]]) },
  });
  assert.match(other.verdict.reasons[0], /neither CPU nor requests/);
  for (const { constraints } of [short, other, ofSeasonal])
    assert.equal(parseConstraints(constraints, "x").performance.violation, 0.01);
});

test("gaps are no violations, and much of them is said", () => {
  const gappy = recorded("gappy", (tick) => (tick % 5 === 0 ? Number.NaN : seasonal.trace.series.get("cpu")![tick]));
  const { verdict, predictability, chart } = judge({ ...gappy, throttled: 0.2 });
  assert.match(verdict.reasons.join("; "), /20 % of the ticks have no value/);
  assert.ok(Math.abs(predictability[0].gaps - 0.2) < 0.01);
  assert.ok(chart!.need.every((need) => need === null || need >= 1));
  assert.match(judge({ ...seasonal, throttled: 0.2 }).notes[0], /quota held CPU back in 20 %/);
});

test("threads say the same as the calling one, and tell what cannot be judged", async () => {
  async function* both() {
    yield seasonal;
    yield noise;
  }
  const all = [];
  for await (const one of assessOnThreads(both(), SETTINGS, 2)) all.push(one);
  assert.deepEqual(inOrder(all), [ofSeasonal, ofNoise]);
  async function* wrong() {
    yield { ...seasonal, trace: { ...seasonal.trace, step: 7000 } };
  }
  await assert.rejects(async () => {
    for await (const _ of assessOnThreads(wrong(), SETTINGS, 1));
  }, /seasonal: .*divide the season/s);
});

test("the page has tables, pictures with names, and nothing that is asked of anybody", () => {
  const named = { ...ofSeasonal, labels: { pod: '<b>"&' }, notes: ["<script>alert(1)</script>"] };
  const report: HistoryReport = { version: 1, source: "a & b", step: 900, ...SETTINGS, workloads: [named, ofNoise] };
  const page = reportPage(report);
  assert.doesNotMatch(page, /<script|<b>|<link|<img|url\(|src=|href="(?!#)/);
  assert.match(page, /a &amp; b/);
  assert.match(page, /<svg [^>]*role="img" aria-label="Replicas of seasonal[^"]*"/);
  assert.match(page, /prefers-color-scheme: dark/);
  assert.match(page, /a guess for 2 of them/);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, target] of page.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g))
    assert.ok(ids.includes(target), target);
});

test("sums are over what could be judged; the best comes first", () => {
  const short = judge(recorded("short", () => 1, {}, DAY));
  const sorted = inOrder([short, ofNoise, ofSeasonal]);
  assert.deepEqual(
    sorted.map(({ workload }) => workload),
    ["seasonal", "noise", "short"],
  );
  const totals = totalsOf(sorted);
  assert.deepEqual([totals.judged, totals.worth], [2, 1]);
  assert.equal(totals.chosen, ofSeasonal.courses!.foreshadow.replicaHours + ofNoise.courses!.today.replicaHours);
});
