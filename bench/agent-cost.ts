import { accessSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startIntake } from "../engine/usage/intake.ts";
import { startAgent } from "./agent-process.ts";
import { replaceSection } from "./doc-section.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { type PopulationSize, startPopulation } from "./population.ts";

/**
 * CPU and memory of `foreshadow agent` at one vector a second delivered over OTLP, beside Debian's prometheus-process-exporter and
 * prometheus-node-exporter, each scraped once a second. All three look at the same processes at the same time.
 *
 *   node bench/agent-cost.ts [--seconds 20] [--counts 500,2000] [--out docs/demand.md]
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    counts: { type: "string", default: "500,2000" },
    out: { type: "string" },
  },
});
const SECONDS = Number(values.seconds);
/** Code gets compiled as it runs, for minutes where little is to be done. */
const FIRST_WARM_UP_SECONDS = 120;
/** Young processes are looked at more closely for ten seconds. */
const WARM_UP_SECONDS = 20;
const PROCESS_EXPORTER_PORT = 19_256;
const NODE_EXPORTER_PORT = 19_100;

type Measured = Pick<Exporter, "pid" | "scrape">;

interface Cost {
  /** Share of a core. */
  readonly cpu: number;
  /** MiB. */
  readonly resident: number;
}

/** CPU seconds of a process so far, of all its threads. */
function cpuSeconds(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((tid) =>
    Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9;
}

function residentMebibytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

const directory = mkdtempSync(join(tmpdir(), "foreshadow-bench-"));
const pidFile = join(directory, "pid");
const ends: (() => Promise<void>)[] = [];
let vectors = 0;

/** Starts what is measured. All of it goes on while the populations change, as on a host. */
async function startMeasured(): Promise<readonly Measured[]> {
  writeFileSync(pidFile, "");
  const accept = (received: readonly unknown[]) => {
    vectors += received.length;
  };
  const intake = await startIntake({ listen: "127.0.0.1:0", sink: { accept } });
  ends.push(() => intake.close());
  const agent = await startAgent({ pidFile }, `http://127.0.0.1:${intake.port}`);
  ends.push(agent.end);
  const exporters = [
    await startExporter("prometheus-process-exporter", PROCESS_EXPORTER_PORT, ["--procnames=bench,perl,python3"]),
    await startExporter("prometheus-node-exporter", NODE_EXPORTER_PORT, []),
  ];
  for (const { end } of exporters) ends.push(end);
  return [{ pid: agent.process.pid!, scrape: async () => 0 }, ...exporters];
}

async function measure(measured: readonly Measured[], size: PopulationSize, warmUp: number): Promise<readonly Cost[]> {
  const population = await startPopulation(size);
  try {
    writeFileSync(pidFile, `${population.pid}`);
    const second = () => Promise.all([sleep(1000), ...measured.map((each) => each.scrape())]);
    for (let i = 0; i < warmUp; i++) await second();
    const before = measured.map(({ pid }) => cpuSeconds(pid));
    const begin = performance.now();
    vectors = 0;
    for (let i = 0; i < SECONDS; i++) await second();
    const seconds = (performance.now() - begin) / 1000;
    // One vector may still be on its way.
    if (vectors < Math.floor(seconds) - 1) throw new Error(`${vectors} vectors in ${seconds} s: the agent is late`);
    return measured.map(({ pid }, i) => ({
      cpu: (cpuSeconds(pid) - before[i]) / seconds,
      resident: residentMebibytes(pid),
    }));
  } finally {
    await population.end();
  }
}

const table = [
  "| of | busy | agent | RSS | process-exporter | × | node-exporter | × |",
  "| --- | --- | --- | --- | --- | --- | --- | --- |",
];
let warmUp = FIRST_WARM_UP_SECONDS;
try {
  const measured = await startMeasured();
  for (const count of values.counts.split(",").map(Number))
    for (const kind of ["processes", "threads"] as const)
      for (const share of [0, 0.1, 1]) {
        const [agent, process, node] = await measure(
          measured,
          { kind, count, busy: Math.round(count * share) },
          warmUp,
        );
        warmUp = WARM_UP_SECONDS;
        const percent = ({ cpu }: Cost) => `${(cpu * 100).toFixed(2)} %`;
        const times = ({ cpu }: Cost) => (cpu / agent.cpu).toFixed(1);
        table.push(
          `| ${count} ${kind} | ${share * 100} % | ${percent(agent)} | ${agent.resident.toFixed(0)} MiB | ${percent(process)} | ${times(process)} | ${percent(node)} | ${times(node)} |`,
        );
        console.log(table.at(-1));
      }
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(directory, { recursive: true });
}
const text = `${table.join("\n")}

Shares of one core, ${SECONDS} s each, on ${availableParallelism()} cores (${cpus()[0].model.trim()}); load of the machine at the end ${loadavg()[0].toFixed(1)}.`;
console.log(text);
if (values.out !== undefined) {
  // A document that was named has to be there.
  accessSync(values.out);
  replaceSection(values.out, "bench/agent-cost.ts", text);
}
