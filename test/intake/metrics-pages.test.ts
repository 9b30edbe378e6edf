import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runAgent } from "../../agent/agent.ts";

/** What Prometheus' own linter says of a page; nothing when it is well. */
function lint(page: string): string {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: page, encoding: "utf8" });
  assert.notEqual(status, null, "promtool runs");
  return status === 0 ? "" : `${stdout}${stderr}`;
}

const skip = spawnSync("promtool", ["--version"]).status === 0 ? false : "needs promtool";

test("Prometheus' linter has nothing to say of the page of a running agent", { skip }, async () => {
  const stop = new AbortController();
  let page: Promise<string> | undefined;
  await runAgent(
    {
      workloads: [{ name: "self", select: { executable: process.execPath } }],
      interval: 0.2,
      endpoint: null,
      listen: "127.0.0.1:0",
      topProcesses: 2,
      onListening: (port) => {
        page = sleep(1200)
          .then(() => fetch(`http://127.0.0.1:${port}/metrics`))
          .then((response) => response.text())
          .finally(() => stop.abort());
      },
    },
    stop.signal,
  );
  const text = await page!;
  assert.match(text, /^process_cpu_time_seconds_total\{.*\} /m);
  assert.equal(lint(text), "");
  assert.ok(
    lint(
      text.replace("# TYPE process_cpu_time_seconds_total counter", "# TYPE process_cpu_time_seconds_total gauge"),
    ) !== "",
  );
});
