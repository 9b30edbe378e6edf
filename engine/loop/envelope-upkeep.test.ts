import assert from "node:assert/strict";
import { test } from "node:test";
import { editEnvelope, parseEnvelope } from "../../model/envelope.ts";
import { MemoryControlStore } from "../../test/change/memory-control-store.ts";
import { MemoryReviewHost } from "../../test/change/memory-review-host.ts";
import { NotFound, Refused } from "../api/engine-control.port.ts";
import { forecastOf, inputOf, NOON } from "../orchestrator/decide-fixture.ts";
import { EnvelopeUpkeep } from "./envelope-upkeep.ts";

const HOUR = 3600;
const PATH = "capacity/dev.envelope.yaml";
const ID = "envelope-dev";

function setUp() {
  let [now, demand] = [NOON, 10];
  const control = new MemoryControlStore();
  const review = new MemoryReviewHost({ "capacity/dev.yaml": "version: 1\n" });
  const notes: string[] = [];
  const alerts: string[] = [];
  const start = () =>
    new EnvelopeUpkeep({
      control,
      review,
      clock: { now: () => now, monotonic: () => now },
      alert: (text) => alerts.push(text),
      note: (text) => notes.push(text),
    });
  const upkeep = start();
  const tick = (hours: number, by = upkeep) => {
    now = NOON + hours * HOUR;
    const forecast = { ...forecastOf("cpu", demand), issuedAt: now };
    const plan = { horizon: 24 * HOUR, granularity: 300, interval: HOUR, maxSteps: 100 };
    return by.whenDue([
      { stack: { dir: "stacks/local", name: "dev" }, input: inputOf({ now, forecasts: { cpu: forecast }, plan }) },
    ]);
  };
  const events = () => control.entries.filter(({ kind }) => kind === "envelope").map(({ body }) => body.event);
  const expect = (cores: number) => {
    demand = cores;
  };
  return { upkeep, start, review, control, tick, notes, alerts, events, expect };
}

test("an envelope is proposed on a reference of its own, once, and nothing is on the branch before a person says so", async () => {
  const { upkeep, start, review, tick, notes, events } = setUp();
  const branch = review.branch;
  await tick(0);
  await tick(2);
  // Another engine on the same store knows of it.
  await tick(4, start());
  assert.equal(review.branch, branch);
  assert.deepEqual(await review.proposals(), [ID]);
  assert.deepEqual(events(), ["proposed"]);
  assert.match(notes.join(), /envelope-dev: floors of the coming days for web are proposed/);
  const [waiting] = await upkeep.waiting(["dev", "dev"]);
  assert.equal(review.text(waiting.commit, PATH), waiting.text);
  assert.deepEqual(parseEnvelope(waiting.text, PATH).get("web"), {
    until: NOON + 7 * 86_400,
    hours: [{ from: 0, to: 24, least: 6, greatest: 15 }],
  });
});

test("approved, it is on the branch and in the record, and the next is proposed a day before plans reach past its end", async () => {
  const { upkeep, review, control, tick, events } = setUp();
  await tick(0);
  const { text } = await upkeep.approve(ID, "ann");
  assert.equal(review.text(review.branch, PATH), text);
  assert.deepEqual(control.entries.at(-1)?.body.by, "ann");
  await assert.rejects(upkeep.approve(ID, "ann"), NotFound);
  await tick(5 * 24);
  assert.deepEqual(events(), ["proposed", "approved"]);
  await tick(5 * 24 + 1);
  assert.deepEqual(events(), ["proposed", "approved", "proposed"]);
});

test("a newer forecast replaces what nobody answered for a day; what was rejected is left alone for as long", async () => {
  const { upkeep, review, tick, events, expect } = setUp();
  await tick(0);
  expect(20);
  await tick(23);
  assert.match((await upkeep.waiting(["dev"]))[0].text, /greatest: 15/);
  await tick(24);
  assert.match((await upkeep.waiting(["dev"]))[0].text, /greatest: 30/);
  await upkeep.reject(ID, "ann");
  assert.deepEqual([await upkeep.waiting(["dev"]), await review.proposals()], [[], []]);
  await tick(47);
  assert.deepEqual(await upkeep.waiting(["dev"]), []);
  await tick(48);
  assert.equal((await upkeep.waiting(["dev"])).length, 1);
  assert.deepEqual(events(), ["proposed", "proposed", "rejected", "proposed"]);
});

test("a merge by hand is seen, with edited numbers too, and a file that changed since is not overwritten", async () => {
  const { upkeep, review, tick, events } = setUp();
  await tick(0);
  const [{ text }] = await upkeep.waiting(["dev"]);
  const edited = editEnvelope(text, PATH, "web", {
    ...parseEnvelope(text, PATH).get("web")!,
    hours: [{ from: 0, to: 24, least: 1, greatest: 40 }],
  });
  review.edit(PATH, edited);
  await assert.rejects(upkeep.approve(ID, "ann"), Refused);
  await tick(1);
  assert.deepEqual([await upkeep.waiting(["dev"]), events()], [[], ["proposed", "superseded"]]);
  assert.equal(review.text(review.branch, PATH), edited);

  const other = setUp();
  await other.tick(0);
  other.review.edit(PATH, (await other.upkeep.waiting(["dev"]))[0].text);
  await other.tick(1);
  assert.deepEqual(other.events(), ["proposed", "merged"]);
});

test("a damaged file is told and left alone; git out of reach is tried again", async () => {
  const { review, tick, alerts, events } = setUp();
  review.reachable = false;
  await tick(0);
  assert.match(alerts.join(), /dev: no envelope was proposed: git fetch: no route to host/);
  review.reachable = true;
  review.edit(PATH, "version: 1\nweb: []\n");
  await tick(1);
  assert.match(alerts.join(), /capacity\/dev.envelope.yaml:2/);
  review.edit(PATH, "version: 1\n");
  await tick(2);
  assert.deepEqual(events(), ["proposed"]);
});
