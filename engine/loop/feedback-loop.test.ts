import assert from "node:assert/strict";
import { test } from "node:test";
import { flatForecast } from "../feedback/series.fixture.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import { daily } from "../forecast/synthetic.ts";
import { DAY, feedbackEngine, STEP, vectorOf } from "./feedback.fixture.ts";

const LIFE = [...daily(8 * DAY, DAY, 5)];
const HISTORY = LIFE.slice(0, 5 * DAY);
const next = (i: number) => LIFE[5 * DAY + i];

test("a level shift is followed: learnt again on the scaled past, with both errors on record", async () => {
  const { engine, control, remember, measure } = await feedbackEngine({ mode: "observe" });
  remember(HISTORY);
  for (let i = 0; i < 5; i++) await measure({ demand: next(i) });
  for (let i = 5; i < 60; i++) await measure({ demand: 2 * next(i) });
  const entries = control.entries.filter(({ kind }) => kind === "recalibration");
  const adopted = entries.find(({ body }) => body.adopted === true);
  assert.ok(adopted, JSON.stringify(entries.map(({ body }) => body)));
  const { former, present, after } = adopted.body as { former: number; present: number; after: number };
  assert.ok(present > 2 * former && after < 0.7 * present, JSON.stringify(adopted.body));
  const outcome = entries.find(({ body }) => body.action === "outcome");
  assert.ok((outcome?.body.error as number) < 2 * former, JSON.stringify(outcome));
  const { series } = await engine.forecast("web");
  const [first] = series.cpu!.points;
  assert.ok(Math.abs(first.point - 2 * next(60)) < 0.4 * next(60), `${first.point} for ${2 * next(60)}`);
  assert.match(await engine.metrics(), /foreshadow_recalibrations_total 1/);
});

test("a change that no refit follows re-weighs the models, with the errors before and after on record", async () => {
  const { control, remember, measure } = await feedbackEngine({ mode: "observe" });
  remember(HISTORY);
  for (let i = 0; i < 5; i++) await measure({ demand: next(i) });
  // More than a level shift may be: the past is not taught again on another scale.
  for (let i = 5; i < 60; i++) await measure({ demand: 6 * next(i) });
  const bodies = control.entries.filter(({ kind }) => kind === "recalibration").map(({ body }) => body);
  const reweighed = bodies.find(({ action }) => action === "reweigh");
  assert.ok(reweighed, JSON.stringify(bodies));
  assert.ok((reweighed.present as number) > 2 * (reweighed.former as number), JSON.stringify(reweighed));
  const outcome = bodies.find(({ action, of }) => action === "outcome" && of === "reweigh");
  assert.equal(outcome?.present, reweighed.present);
  assert.ok((outcome?.error as number) < (reweighed.present as number), JSON.stringify(outcome));
});

test("a collapse with errors freezes scale-in, is kept apart, and can be taken back", async () => {
  const { engine, control, alerts, proposals, remember, measure, capacity } = await feedbackEngine();
  remember(HISTORY);
  const healthy = (at: number) => [vectorOf(at, { usage: { errors: 0.1, requests: 100 } })];
  const failing = (at: number) => [vectorOf(at, { usage: { errors: 40, requests: 50 } })];
  for (let i = 0; i < 5; i++) await measure({ demand: next(i), vectors: healthy });
  const before = capacity();
  const count = proposals.length;
  for (let i = 5; i < 12; i++) await measure({ demand: 1, vectors: failing });
  assert.deepEqual(capacity(), before);
  assert.equal(proposals.length, count);
  const [open] = await engine.quarantines("web");
  assert.equal(open.kind, "traffic collapse");
  assert.equal(open.to, undefined);
  const [view] = (await engine.status()).workloads;
  assert.ok(
    view.reasons.some(({ kind }) => kind === "incident"),
    JSON.stringify(view.reasons),
  );
  assert.ok(alerts.some(({ change, alert }) => change === "opened" && alert.subject === "incident"));
  for (let i = 12; i < 18; i++) await measure({ demand: next(i), vectors: healthy });
  const [over] = await engine.quarantines();
  assert.ok((over.to ?? 0) > over.from);
  assert.ok(alerts.some(({ change, alert }) => change === "resolved" && alert.subject === "incident"));
  const learnt = (await engine.forecast("web")).series.cpu!.samples;
  await engine.undoQuarantine(over.id, "ann");
  await measure({ demand: next(18), vectors: healthy });
  assert.ok((await engine.forecast("web")).series.cpu!.samples > learnt, "the span is learnt after all");
  await assert.rejects(engine.undoQuarantine(over.id, "ann"), /undone already/);
  await assert.rejects(engine.undoQuarantine("q-none", "ann"), /no quarantine/);
  const kinds = control.entries.filter(({ kind }) => kind === "quarantine").map(({ body }) => body.what);
  assert.deepEqual(kinds, ["opened", "over", "undone"]);
});

test("a deploy marked in the project file is in force while it lasts, and is recorded once over restarts", async () => {
  const at = new Date((5 * DAY + 2) * STEP * 1000).toISOString();
  const project = `marks:\n  - { at: "${at}", for: 3m, reason: release 42 }`;
  const first = await feedbackEngine({ project, mode: "observe" });
  first.remember(HISTORY);
  const incidents: boolean[] = [];
  for (let i = 0; i < 7; i++) {
    await first.measure({ demand: next(i) });
    const [view] = (await first.engine.status()).workloads;
    incidents.push(view.reasons.some(({ kind, text }) => kind === "incident" && text.includes("release 42")));
  }
  assert.deepEqual(incidents, [false, true, true, true, true, false, false]);
  await feedbackEngine({ project, control: first.control });
  assert.equal(first.control.entries.filter(({ kind }) => kind === "quarantine").length, 1);
});

test("forecasts that lose their skill are demoted on record, with both errors, and promoted when they have it again", async () => {
  const { engine, control } = await feedbackEngine();
  const { feedback } = engine.loop;
  const forecast = (trusted: boolean, over: Partial<Forecast> = {}): Forecast => {
    const flat = flatForecast(10, 1);
    return { ...flat, ...over, evidence: { ...flat.evidence, trusted, reason: trusted ? "good" : "no skill" } };
  };
  for (const [at, one] of [
    forecast(true),
    forecast(true),
    forecast(false, { fallbackFrom: "ensemble: no answer" }),
    forecast(false),
    forecast(true),
  ].entries())
    await feedback.trust("web", at, [one]);
  const entries = control.entries
    .filter(({ kind }) => kind === "recalibration")
    .map(({ at, body }) => ({ at, ...body }));
  const [reach, former, present] = [6, 0, 0];
  assert.deepEqual(entries, [
    { at: 3, action: "demote", series: "cpu", reason: "no skill", reach, former, present },
    { at: 4, action: "promote", series: "cpu", reason: "good", reach, former, present },
  ]);
});

test("the report sets actions beside reactive-only and doing nothing on the demand that came", async () => {
  const { engine, remember, measure, now } = await feedbackEngine();
  remember(HISTORY);
  const from = now();
  for (let i = 0; i < DAY; i++) await measure({ demand: next(i) });
  const { workloads } = await engine.report({ from, to: now() });
  const [web] = workloads;
  assert.equal(web.ticks, DAY);
  assert.ok(web.actions.length > 0);
  assert.ok(web.totals);
  for (const { acted, reactive, nothing } of [web.totals, ...web.actions])
    for (const course of [acted, reactive, nothing])
      assert.ok(course.cost > 0 && course.violationTicks >= 0, JSON.stringify(course));
  assert.ok(web.falseAlarmRate === null || (web.falseAlarmRate >= 0 && web.falseAlarmRate <= 1));
  assert.ok(Number.isFinite(web.savedReplicaHours));
});

test("a past that is loaded is learnt beside the ticks, and takes over with those that came meanwhile", async () => {
  const { engine, remember, reveal, measure } = await feedbackEngine({ mode: "observe" });
  remember(HISTORY.map(() => Number.NaN));
  for (let i = 0; i < 5; i++) await measure({ demand: next(i) });
  assert.match((await engine.forecast("web")).series.cpu!.evidence, /cold start/);
  reveal(HISTORY);
  const learning = engine.loop.learnAgain("web", ["cpu", "storage"]);
  for (let i = 5; i < 8; i++) await measure({ demand: next(i) });
  assert.deepEqual(await learning, ["cpu"]);
  await measure({ demand: next(8) });
  const measured = await feedbackEngine({ mode: "observe" });
  measured.remember(HISTORY);
  for (let i = 0; i < 9; i++) await measured.measure({ demand: next(i) });
  const { evidence, samples, points } = (await engine.forecast("web")).series.cpu!;
  const had = (await measured.engine.forecast("web")).series.cpu!;
  assert.match(evidence, /^trusted at/);
  assert.deepEqual([evidence, samples], [had.evidence, had.samples], "as if it had been measured");
  assert.deepEqual(
    points.map(({ point, quantiles }) => [point, quantiles]),
    had.points.map(({ point, quantiles }) => [point, quantiles]),
  );
});
