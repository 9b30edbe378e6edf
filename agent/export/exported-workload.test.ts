import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeHost, SECOND, tick } from "../fixtures/fake-host.ts";
import { WorkloadSampler } from "../sample/workload-sampler.ts";
import { type ExportedWorkload, ProcessSelection } from "./exported-workload.ts";
import { PrometheusPage } from "./prometheus-page.ts";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

/** Five processes of two executables; `seconds` is what each has run so far. */
function write(seconds: readonly number[]): void {
  seconds.forEach((run, i) => {
    host.process({
      pid: 10 + i,
      executable: i < 4 ? "/usr/bin/web" : '/usr/bin/od"d',
      threads: [{ tid: 10 + i, run: run * SECOND }],
      userTime: Math.round(run * 100),
      io: { read: Math.round(run * 1000), written: 0 },
    });
  });
}

function exporter(top: number): (seconds: readonly number[]) => ExportedWorkload {
  write([0, 0, 0, 0, 0]);
  const sampling = host.sampling();
  const sampler = new WorkloadSampler({ name: "web", select: { executable: "web" } }, "net:[1]");
  sampler.useProcesses(new Set([10, 11, 12, 13, 14]));
  const selection = new ProcessSelection(top);
  let number = 0;
  const look = () => {
    const moment = { at: 100 + number, host: "h", uptime: 10_000, shared: new Set<string>(), exits: "not told" };
    return selection.select(sampler.sample(sampling, tick(++number), moment));
  };
  look();
  return (seconds) => {
    write(seconds);
    return look();
  };
}

function shown({ processes }: ExportedWorkload): unknown[] {
  return processes.map(({ measures, counters }) => [
    measures.identity.pid,
    measures.executable,
    Number(measures.usage.cpu?.toFixed(6)),
    Number(counters?.user.toFixed(6)),
  ]);
}

test("the greatest are shown one by one, the others by executable, and nothing is lost", () => {
  const look = exporter(2);
  assert.deepEqual(shown(look([0.5, 0.1, 0.1, 0.4, 0.2])), [
    [10, "web", 0.5, 0.5],
    [13, "web", 0.4, 0.4],
    [0, "web", 0.2, 0.2],
    [0, 'od"d', 0.2, 0.2],
  ]);
});

test("a group's counter never falls when one of its processes is shown by itself", () => {
  const look = exporter(2);
  look([0.5, 0.1, 0.1, 0.4, 0.2]);
  assert.deepEqual(shown(look([0.5, 0.9, 0.2, 0.4, 0.9])), [
    [11, "web", 0.8, 0.9],
    [14, 'od"d', 0.7, 0.9],
    [0, "web", 0.1, 0.3],
  ]);
});

test("an idle process has counters too, before it ever did anything", () => {
  const look = exporter(2);
  look([0, 0, 0, 0, 0]);
  const { processes } = look([0, 0, 0, 0, 0]);
  assert.deepEqual(
    processes.map(({ counters }) => counters?.user),
    [0, 0, 0, 0],
  );
});

test("a process that is only a little greater than one shown before does not take its place", () => {
  const look = exporter(1);
  assert.deepEqual(shown(look([0.5, 0.1, 0.1, 0.1, 0.1]))[0], [10, "web", 0.5, 0.5]);
  assert.deepEqual(shown(look([1, 0.65, 0.2, 0.2, 0.2]))[0], [10, "web", 0.5, 1]);
});

test("the page for Prometheus has cumulative counters under OpenTelemetry's names, values escaped, and no line twice", () => {
  const look = exporter(1);
  const page = new PrometheusPage();
  page.update(look([0.5, 0.1, 0.1, 0.4, 0.2]));
  page.update(look([1, 0.2, 0.2, 0.8, 0.4]));
  const text = page.render({ partialReads: 3, delivered: 9, dropped: 0, waiting: 0, tickSeconds: 0.001 });
  const lines = text.trimEnd().split("\n");
  assert.ok(lines.includes('foreshadow_usage_cpu_time_seconds_total{foreshadow_workload="web"} 2.6'), text);
  assert.ok(
    lines.includes(
      'process_cpu_time_seconds_total{foreshadow_workload="web",process_pid="10",foreshadow_process_start_time="5000",process_executable_name="web",cpu_mode="user"} 1',
    ),
    text,
  );
  assert.match(text, /process_disk_io_bytes_total\{.*process_executable_name="od\\"d",disk_io_direction="read"\} 400/);
  assert.match(text, /foreshadow_missing\{.*foreshadow_metric="network_receive".*\} 1/);
  assert.equal(new Set(lines.map((line) => line.replace(/ [^ ]*$/, ""))).size, lines.length);
  const types = lines.filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2]);
  assert.equal(new Set(types).size, types.length, "a metric's samples stand together");
  for (const line of lines) assert.match(line, /^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{.*\})? [-+.e\d]+)$/);
});
