import assert from "node:assert/strict";
import { test } from "node:test";
import type { UsageVector } from "../../model/vector.ts";
import { daily } from "../forecast/synthetic.ts";
import { DAY, STEP, watched } from "./series.fixture.ts";
import type { Live } from "./workload-feedback.ts";

const HISTORY = [...daily(4 * DAY, DAY, 5)];
const QUIET: Live = { vectors: [], expected: 0, reporting: 0 };

function vector(at: number, processes: readonly [string, number, number][]): UsageVector {
  return {
    workload: "web",
    host: "h1",
    at,
    interval: 1,
    replicas: processes.length,
    usage: {},
    demand: {},
    censored: [],
    missing: [],
    processes: processes.map(([executable, pid, cpu]) => ({
      identity: { pid, startTime: 1 },
      executable,
      threads: [],
      usage: { cpu },
      demand: { cpu },
      censored: [],
    })),
  };
}

test("an anomaly names series, size in units and multiples, and the processes that moved", () => {
  const { feed } = watched();
  const processes = (extra: number): Live => ({
    ...QUIET,
    vectors: [
      vector(0, [
        ["/bin/web", 10, 40],
        ["/bin/batch", 11, 1 + extra],
      ]),
    ],
  });
  for (const value of HISTORY) feed(value, processes(0));
  const told = [1, 2, 3, 4].map(() => feed(400, processes(300)).alerts);
  assert.deepEqual(
    told.map((alerts) => alerts.length),
    [0, 0, 0, 1],
    "people are told once it has lasted",
  );
  const opened = told.flat().find(({ change }) => change === "opened");
  assert.ok(opened);
  const { subject, value, expected, multiple, movers, text } = opened.alert;
  assert.equal(subject, "cpu");
  assert.equal(value, 400);
  assert.ok(expected !== undefined && expected < 200 && multiple > 4, `${expected} ${multiple}`);
  assert.deepEqual(movers[0], { host: "h1", pid: 11, executable: "/bin/batch", before: 1, now: 301 });
  assert.match(
    text,
    /web: cpu is 400, .* above the .* expected: .* × the usual error .* moved: \/bin\/batch \(11\) 1 to 301/,
  );
});

test("one mad tick is detected and not told, nor is anything in the first season of watching", () => {
  const spike = watched();
  for (const value of HISTORY) spike.feed(value, QUIET);
  const detected = spike.feedback.detected;
  const after = [4000, ...HISTORY.slice(0, 20)].flatMap((value) => spike.feed(value, QUIET).alerts);
  assert.ok(spike.feedback.detected > detected);
  assert.deepEqual(after, []);
  const cold = watched();
  const young = [...HISTORY.slice(0, 0.7 * DAY), ...new Array(20).fill(4000)].flatMap(
    (v) => cold.feed(v, QUIET).alerts,
  );
  assert.ok(cold.feedback.detected > 0);
  assert.deepEqual(young, []);
});

test("series that are each a little outside at the same time are told together", () => {
  const { feed } = watched(["cpu", "memory", "network"]);
  const random = [...daily(4 * DAY, DAY, 6)].map((value, t) => [HISTORY[t], value, [...HISTORY].reverse()[t]]);
  for (const values of random) feed(values, QUIET);
  const usual = random.at(-1)!;
  const subjects = [1, 2, 3, 4, 5].flatMap((i) =>
    feed(
      usual.map((value) => (1 + 0.35 * i) * value),
      QUIET,
    ).alerts.map(({ alert }) => alert.subject),
  );
  assert.ok(subjects.length > 0, "nothing was told");
});

test("traffic that collapses while requests fail is an incident: nothing is learnt from it", () => {
  const { feed, forecasters, feedback } = watched();
  for (const value of HISTORY) feed(value, { ...QUIET, errors: 0.1, requests: 100 });
  const before = forecasters.get("cpu")!.forecast().evidence.historyDays;
  const during = [1, 2, 3].map(() => feed(1, { ...QUIET, errors: 40, requests: 50 }));
  assert.equal(during[0].incident?.kind, "traffic collapse");
  for (const { learnt } of during) assert.ok(Number.isNaN(learnt.get("cpu")));
  assert.equal(forecasters.get("cpu")!.forecast().evidence.historyDays, before);
  const after = [1, 2, 3, 4].map((t) => feed(HISTORY[t], { ...QUIET, errors: 0.1, requests: 100 }));
  assert.equal(after.at(-1)?.incident, undefined);
  assert.equal(after.at(-1)?.learnt.get("cpu"), HISTORY[4]);
  assert.ok(feedback.alerts.some(({ subject, resolvedAt }) => subject === "incident" && resolvedAt !== undefined));
});

test("traffic that falls while requests succeed is an anomaly and no incident", () => {
  const { feed } = watched();
  for (const value of HISTORY) feed(value, { ...QUIET, errors: 0.1, requests: 100 });
  const found = [1, 2, 3, 4].map(() => feed(1, { ...QUIET, errors: 0.01, requests: 5 }));
  assert.equal(found.at(-1)?.incident, undefined);
  assert.ok(found.some(({ alerts }) => alerts.some(({ alert }) => alert.subject === "cpu")));
});

test("where errors are not measured a collapse is an incident for an hour, then the new level", () => {
  const { feed } = watched();
  for (const value of HISTORY) feed(value, QUIET);
  const kinds = Array.from({ length: DAY / 12 }, () => feed(1, QUIET).incident?.kind);
  assert.equal(kinds[0], "traffic collapse");
  assert.equal(kinds.at(-1), undefined);
});

test("a storm of errors, and replicas that stop reporting, are incidents after two ticks", () => {
  const { feed } = watched();
  for (const value of HISTORY) feed(value, { ...QUIET, errors: 0.1, requests: 100 });
  const storm = [1, 2].map((t) => feed(HISTORY[t], { ...QUIET, errors: 60, requests: 100 }).incident?.kind);
  assert.deepEqual(storm, [undefined, "error storm"]);
  const other = watched();
  for (const value of HISTORY) other.feed(value, { ...QUIET, expected: 10, reporting: 10 });
  const loss = [1, 2].map(() => other.feed(HISTORY[1], { ...QUIET, expected: 10, reporting: 5 }).incident?.kind);
  assert.deepEqual(loss, [undefined, "telemetry loss"]);
});

test("a quarantine is fed as a gap, and one that was undone is not", () => {
  const { feed, feedback } = watched();
  for (const value of HISTORY) feed(value, QUIET);
  const from = 4 * DAY * STEP;
  const quarantine = {
    id: "q",
    workload: "web",
    kind: "deploy",
    from,
    to: from + STEP,
    reason: "",
    by: "ann",
  } as const;
  feedback.quarantines = [quarantine];
  assert.ok(Number.isNaN(feed(50, QUIET).learnt.get("cpu")));
  assert.equal(feed(50, QUIET).learnt.get("cpu"), 50);
  assert.ok(Number.isNaN(feedback.teacher("cpu")(50, from + STEP)));
  feedback.quarantines = [{ ...quarantine, undone: { at: 1, by: "ann" } }];
  assert.equal(feedback.teacher("cpu")(50, from + STEP), 50);
});

test("a lasting shift of the level is a change with its ratio and its age", () => {
  const { feed, feedback } = watched();
  for (const value of HISTORY) feed(value, QUIET);
  feedback.watch("cpu").answered();
  const next = [...daily(5 * DAY, DAY, 5)].slice(4 * DAY);
  const found = next.slice(0, 12).flatMap((value) => {
    feed(2 * value, QUIET);
    return feedback.changes();
  });
  assert.ok(found.length > 0);
  const { cause, ticks, ratio } = found[0];
  assert.equal(cause, "level shift");
  assert.ok(ticks <= 8, `${ticks}`);
  assert.ok(ratio !== undefined && ratio > 1.7 && ratio < 2.3, `${ratio}`);
});
