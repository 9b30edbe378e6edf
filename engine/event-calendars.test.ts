import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { InputError } from "../model/input-error.ts";
import { parseProject } from "../model/project.ts";
import { EventCalendars } from "./event-calendars.ts";

const at = (text: string) => Date.parse(text) / 1000;
const ics = (summary: string) =>
  `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:${summary}\r\nDTSTART:20261201T080000Z\r\nDTEND:20261201T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

function set(t: TestContext, events: string, calendar?: string) {
  const root = mkdtempSync(join(tmpdir(), "foreshadow-events-"));
  t.after(() => rmSync(root, { recursive: true }));
  const file = join(root, "events.ics");
  if (calendar !== undefined) writeFileSync(file, calendar);
  const said: string[] = [];
  const project = parseProject(
    `version: 1\nevents:\n${events}\nworkloads:\n  - { name: web, select: { cgroup: /web }, stack: { dir: ".", name: dev }, constraints: web.yaml }\n`,
    "foreshadow.yaml",
  );
  return { calendars: new EventCalendars(project.events, root, (text) => said.push(text)), file, said };
}

const names = (calendars: EventCalendars, workload = "web") =>
  calendars
    .of(workload)?.(at("2026-12-01T00:00Z"), at("2026-12-02T00:00Z"))
    .map(({ name }) => name);

test("events of the project file concern the workloads that they name, or all", (t) => {
  const { calendars } = set(
    t,
    `  planned:
    - { name: batch, from: 2026-11-01T02:00Z, to: 2026-11-01T03:00Z, repeat: daily, workloads: [worker] }
    - { name: launch, from: 2026-12-01T08:00Z, to: 2026-12-01T12:00Z, uplift: 3x, workloads: [web, worker] }`,
  );
  assert.deepEqual(names(calendars), ["launch"]);
  assert.deepEqual(names(calendars, "worker"), ["batch", "launch"]);
  assert.equal(names(calendars, "other"), undefined);
  assert.equal(calendars.of("web")?.(at("2026-12-01T08:00Z"), at("2026-12-01T08:01Z"))[0].uplift, 3);
});

test("a calendar is read again when it changes, and counts as it was when it is damaged", (t) => {
  const { calendars, file, said } = set(t, "  calendars: [{ file: events.ics }]", ics("Sale"));
  assert.deepEqual(names(calendars), ["Sale"]);
  writeFileSync(file, ics("Clearance sale"));
  calendars.refresh();
  assert.deepEqual(names(calendars), ["Clearance sale"]);
  writeFileSync(file, "no calendar");
  calendars.refresh();
  calendars.refresh();
  assert.deepEqual(names(calendars), ["Clearance sale"]);
  assert.equal(said.length, 1);
  assert.match(said[0], /events\.ics.*count as they were/s);
});

test("a missing calendar and a rule that is none are refused when the engine starts", (t) => {
  assert.throws(
    () => set(t, "  calendars: [{ file: none.ics }]"),
    (error) => error instanceof InputError,
  );
  const rule = "  planned: [{ name: a, from: 2026-11-01T02:00Z, to: 2026-11-01T03:00Z, repeat: FREQ=NEVER }]";
  assert.throws(() => set(t, rule), /events\.planned\.0\.repeat: expected a recurrence rule/);
});

test("what a person writes wrongly about an event is answered with its place", (t) => {
  for (const [event, message] of [
    ["{ name: a, from: 2026-11-01T03:00Z, to: 2026-11-01T02:00Z }", /a `to` after the `from`/],
    ["{ name: a, from: 2026-11-01T02:00Z, to: 2026-11-01T03:00Z, uplift: big }", /an uplift such as 3x/],
    ["{ name: a, from: 2026-11-01T02:00Z, to: 2026-11-01T03:00Z, timeZone: Mars }", /a time zone such as/],
    ["{ name: a, from: 2026-11-01T02:00Z, to: 2026-11-01T03:00Z, repeat: often }", /daily, weekly/],
  ] as const)
    assert.throws(() => set(t, `  planned: [${event}]`), message);
});
