import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../engine/api/engine-control.port.ts";
import { traceIdOf } from "../engine/tracing/trace-ids.ts";
import { logLine, recordOf } from "./log-line.ts";

const changeset = { id: "cs-1", workload: "web", state: "done" } as EngineEvent & never;
const moved: EngineEvent = { type: "changeset", changeset, text: "cs-1 done" };

test("a line of the log is for people, or JSON with the fields that programs look for", () => {
  assert.equal(logLine(60, recordOf(moved, false)!, false), "1970-01-01T00:01Z web: cs-1 done");
  const trace_id = traceIdOf("cs-1");
  assert.equal(logLine(60, recordOf(moved, true)!, false), `1970-01-01T00:01Z web: cs-1 done (trace ${trace_id})`);
  assert.deepEqual(JSON.parse(logLine(60.5, recordOf(moved, true)!, true)), {
    time: "1970-01-01T00:01:00.500Z",
    level: "info",
    message: "cs-1 done",
    workload: "web",
    changeset: "cs-1",
    state: "done",
    trace_id,
  });
});

test("an alert is a warning, and a tick is no line", () => {
  const record = recordOf({ type: "alert", workload: "web", text: "lock waited for", at: 5 }, true)!;
  assert.equal(logLine(60, record, false), "1970-01-01T00:01Z alert: lock waited for");
  assert.deepEqual(record, { level: "warn", message: "lock waited for", workload: "web" });
  assert.equal(recordOf({ type: "tick", workload: {} as never }, true), undefined);
});
