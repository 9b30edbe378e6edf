import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../engine/system-clock.ts";
import { DecisionTracer } from "../../engine/tracing/decision-tracer.ts";
import { SpanExporter } from "../../engine/tracing/span-exporter.ts";
import { traceIdOf } from "../../engine/tracing/trace-ids.ts";
import { Receiver } from "../../model/otlp/receiver.ts";
import { openShop } from "../dashboard/shop.ts";
import { traceReceiver } from "./trace-receiver.ts";

function tracingTo(url: string, waiting?: number) {
  const said: string[] = [];
  const exporter = new SpanExporter({
    receiver: new Receiver({ url, signal: "traces" }),
    resource: { "service.name": "foreshadow" },
    version: "test",
    say: (text) => said.push(text),
    gather: 5,
    delay: () => 0.005,
    ...(waiting !== undefined && { waiting }),
  });
  return { exporter, tracer: new DecisionTracer(exporter, systemClock), said };
}

test("a decision that acts is one trace, from the sample that it saw to the capacity that was verified", async (t) => {
  const receiver = await traceReceiver();
  t.after(receiver.close);
  const { exporter, tracer } = tracingTo(receiver.url);
  const shop = await openShop(0, tracer);
  await shop.tick();
  await shop.tick({ api: 2.5 });
  for (let tick = 0; tick < 3; tick++) await shop.tick();
  const [changeset] = (await shop.engine.changesets("api")).filter(({ state }) => state === "done");
  await exporter.close();

  assert.deepEqual(receiver.asked[0], { path: "/v1/traces", type: "application/x-protobuf", service: "foreshadow" });
  const spans = receiver.spans.filter(({ trace }) => trace === traceIdOf(changeset.id));
  const named = (name: string) => {
    const found = spans.filter((span) => span.name === name);
    assert.ok(found.length > 0, `${name} is missing in ${spans.map((span) => span.name)}`);
    return found[0];
  };
  const [decision, change] = [named("decision"), named("change")];
  assert.equal(decision.parent, "");
  assert.equal(change.parent, decision.id);
  for (const name of ["observe", "forecast", "decide", "propose"]) assert.equal(named(name).parent, decision.id);
  for (const name of ["commit", "preview", "rehearseReverse", "gate", "push", "up", "verify"])
    assert.deepEqual([named(name).parent, named(name).status], [change.id, 1], name);
  assert.equal(new Set(spans.map(({ id }) => id)).size, spans.length, "each span has an identifier of its own");
  for (const { name, attributes } of spans) assert.equal(attributes["foreshadow.changeset"], changeset.id, name);
  assert.equal(decision.attributes["foreshadow.workload"], "api");
  assert.equal(decision.attributes["foreshadow.decision.digest"], changeset.evidence?.inputDigest);
  assert.equal(change.attributes["foreshadow.preview.digest"], changeset.previewDigest);
  assert.equal(change.attributes["foreshadow.changeset.state"], "done");
  assert.deepEqual(change.events, ["proposed", "previewing", "approved", "applying", "verifying", "done"]);
  assert.equal(change.from, changeset.createdAt);
  // What waits for a person is no change yet.
  const waiting = (await shop.engine.changesets("web")).find(({ state }) => state === "awaiting-approval");
  if (waiting !== undefined)
    assert.ok(!receiver.spans.some(({ name, trace }) => name === "change" && trace === traceIdOf(waiting.id)));
});

test("a receiver that is away or overwhelmed costs spans that are counted, and holds nothing up", async (t) => {
  const receiver = await traceReceiver();
  t.after(receiver.close);
  receiver.state.status = 503;
  const { exporter, tracer, said } = tracingTo(receiver.url, 20);
  const step = (changeset: string) =>
    tracer.heard({ code: "step", changeset, step: "preview", seconds: 1, failed: true });
  const started = performance.now();
  for (let i = 0; i < 100; i++) step(`cs-${i}`);
  assert.ok(performance.now() - started < 100, "taking spans takes no time");
  assert.equal(exporter.figures.dropped, 80);
  while (exporter.figures.failed < 20) await sleep(5);
  assert.equal(receiver.state.requests, 5);
  assert.deepEqual(
    said.map((text) => text.replace(receiver.url, "URL")),
    [
      "traces do not all reach URL: more spans than can be sent; the oldest are dropped",
      "traces do not all reach URL: 503",
    ],
  );
  receiver.state.status = 200;
  step("cs-later");
  await exporter.close();
  assert.deepEqual(exporter.figures, { delivered: 1, failed: 20, dropped: 80, waiting: 0 });
  const [{ name, status, from, to }] = receiver.spans;
  assert.deepEqual([name, status, Math.round(to - from)], ["preview", 2, 1]);
});
