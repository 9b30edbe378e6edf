import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startIntake } from "../engine/usage/intake.ts";
import { siblingModule } from "../model/sibling.ts";

/**
 * CPU cost of the agent at 500 processes, at one vector a second delivered over OTLP, beside Debian's
 * prometheus-process-exporter on the same processes, scraped once a second. Both run at the same time.
 *
 * Arguments: seconds to measure each (default 20), number of processes (default 500).
 */
const SECONDS = Number(process.argv[2] ?? 20);
const PROCESSES = Number(process.argv[3] ?? 500);
/** Young processes are looked at more closely for ten seconds; and code gets compiled. */
const WARM_UP_SECONDS = 15;
const EXPORTER = "/usr/bin/prometheus-process-exporter";
const EXPORTER_PORT = 19_256;

/** Forks so many processes of which so many run for a moment ten times a second; the others sleep. */
const POPULATION = `my ($all, $busy) = @ARGV;
for my $i (1 .. $all) { next if fork; $0 = "bench"; while (1) { if ($i <= $busy) { select undef, undef, undef, 0.1; 1 for 1 .. 500 } else { sleep 1000 } } }
sleep 1000 while 1;`;

/** CPU seconds of a process so far, of all its threads. */
function cpuSeconds(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((tid) =>
    Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9;
}

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

function scrape(): Promise<void> {
  return new Promise((resolve) => {
    const request = get(`http://127.0.0.1:${EXPORTER_PORT}/metrics`, (response) => {
      response.resume();
      response.on("close", () => resolve());
    });
    request.on("error", () => resolve());
  });
}

function installExporter(): boolean {
  if (existsSync(EXPORTER)) return true;
  try {
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "prometheus-process-exporter"], {
      stdio: "ignore",
    });
  } catch {
    return false;
  }
  return existsSync(EXPORTER);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** Ends the population with its children, which are a process group of their own. */
async function endGroup(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  process.kill(-child.pid!, "SIGKILL");
  await ended;
}

async function measure(busy: number, exporter: boolean): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-bench-"));
  const pidFile = join(directory, "pid");
  const population = spawn("perl", ["-e", POPULATION, `${PROCESSES - 1}`, `${busy}`], {
    stdio: "ignore",
    detached: true,
  });
  writeFileSync(pidFile, `${population.pid}`);
  let vectors = 0;
  let processes = 0;
  const accept = (received: readonly { readonly processes: readonly unknown[] }[]) => {
    vectors += received.length;
    processes = received[0].processes.length;
  };
  const intake = await startIntake({ listen: "127.0.0.1:0", sink: { accept } });
  const endpoint = `http://127.0.0.1:${intake.port}`;
  const agent = spawn(
    process.execPath,
    [siblingModule(import.meta.url, "./agent-under-test"), endpoint, JSON.stringify({ pidFile })],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const other = exporter
    ? spawn(EXPORTER, [`--web.listen-address=127.0.0.1:${EXPORTER_PORT}`, "--procnames=perl,bench"], {
        stdio: "ignore",
      })
    : undefined;
  try {
    for (let i = 0; i < WARM_UP_SECONDS; i++) await Promise.all([sleep(1000), other && scrape()]);
    const before = [cpuSeconds(agent.pid!), other ? cpuSeconds(other.pid!) : 0, performance.now()];
    vectors = 0;
    for (let i = 0; i < SECONDS; i++) await Promise.all([sleep(1000), other && scrape()]);
    const seconds = (performance.now() - before[2]) / 1000;
    const mine = (cpuSeconds(agent.pid!) - before[0]) / seconds;
    const theirs = other ? (cpuSeconds(other.pid!) - before[1]) / seconds : Number.NaN;
    const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
    console.log(
      [
        `${PROCESSES} processes, ${busy} busy:`,
        `agent ${percent(mine)} of a core, RSS ${residentMegabytes(agent.pid!).toFixed(0)} MiB,`,
        `${vectors} vectors in ${seconds.toFixed(0)} s, ${processes} process series;`,
        other ? `process-exporter ${percent(theirs)}, ratio ${(mine / theirs).toFixed(4)}` : "no process-exporter here",
      ].join(" "),
    );
  } finally {
    await end(agent);
    if (other) await end(other);
    await endGroup(population);
    await intake.close();
    rmSync(directory, { recursive: true });
  }
}

const exporter = installExporter();
for (const share of [0, 0.1, 1]) await measure(Math.round(PROCESSES * share), exporter);
