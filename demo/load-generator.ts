import { Agent, request } from "node:http";

/**
 * Sends real requests at a given rate, whether answers come or not (open loop, as users do): a child process of the demo.
 * Its plan comes as the first line of standard input; each second it prints what it sent and what came back, as JSON.
 */
interface LoadPlan {
  readonly url: string;
  /** Epoch seconds of the first tick, and seconds a tick. */
  readonly from: number;
  readonly step: number;
  /** Requests per second, one value a tick. */
  readonly rates: readonly number[];
}

/** Answers later than this count as failed. */
const DEADLINE_MS = 5000;
/** A bound on what can be under way: past it, requests are counted as failed without being sent. */
const MOST_UNDER_WAY = 2000;

export interface LoadReport {
  readonly at: number;
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  /** Milliseconds, 95th percentile of the answers of the last second; null without one. */
  readonly latency: number | null;
  readonly underWay: number;
}

if (process.argv[1]?.includes("load-generator")) start();

function start(): void {
  let input = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk: string) => {
    input += chunk;
    const end = input.indexOf("\n");
    if (end >= 0) generate(JSON.parse(input.slice(0, end)) as LoadPlan);
  });
  // The demo holds the other end: when it is gone, so is the load.
  process.stdin.on("end", () => process.exit(0));
}

function generate(plan: LoadPlan): void {
  // A connection a request, as from many users: the kernel spreads connections, not requests.
  const agent = new Agent({ keepAlive: false });
  const total = { sent: 0, ok: 0, failed: 0 };
  let latencies: number[] = [];
  let underWay = 0;
  let due = 0;
  let last = Date.now() / 1000;

  const send = () => {
    total.sent++;
    if (underWay >= MOST_UNDER_WAY) {
      total.failed++;
      return;
    }
    underWay++;
    const started = performance.now();
    let ended = false;
    const end = (ok: boolean) => {
      if (ended) return;
      ended = true;
      underWay--;
      total[ok ? "ok" : "failed"]++;
      if (ok) latencies.push(performance.now() - started);
    };
    const outgoing = request(plan.url, { agent, timeout: DEADLINE_MS }, (response) => {
      response.on("end", () => end(response.statusCode === 200));
      response.on("error", () => end(false));
      response.resume();
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", () => end(false));
    outgoing.end();
  };

  const timer = setInterval(() => {
    const now = Date.now() / 1000;
    const tick = Math.floor((now - plan.from) / plan.step);
    if (tick >= plan.rates.length) {
      clearInterval(timer);
      clearInterval(report);
      setTimeout(() => process.exit(0), DEADLINE_MS);
      return;
    }
    if (tick >= 0) due += plan.rates[tick] * Math.min(1, now - last);
    last = now;
    for (; due >= 1; due--) send();
  }, 10);
  const report = setInterval(() => {
    const sorted = latencies.sort((a, b) => a - b);
    const latency = sorted.length === 0 ? null : sorted[Math.floor(sorted.length * 0.95)];
    latencies = [];
    process.stdout.write(
      `${JSON.stringify({ at: Date.now() / 1000, ...total, latency, underWay } satisfies LoadReport)}\n`,
    );
  }, 1000);
}
