import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Why a test that needs these programs is skipped; false where they are there. */
export function unlessThere(...programs: string[]): string | false {
  const missing = programs.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  return missing.length === 0 ? false : `needs ${missing.join(", ")}`;
}

/** Real servers of one test, each in a directory that goes with it. */
export class Servers {
  readonly directory = mkdtempSync(join(tmpdir(), "foreshadow-servers-"));
  readonly #children: ChildProcess[] = [];

  /** Process ids of those that were started, in that order. */
  get pids(): number[] {
    return this.#children.map(({ pid }) => pid!);
  }

  /** @returns its address */
  async prometheus(config: string, ...flags: string[]): Promise<string> {
    const port = await freePort();
    const file = this.file("prometheus.yml", config);
    const data = `--storage.tsdb.path=${join(this.directory, `prometheus-${port}`)}`;
    this.#spawn("prometheus", [`--config.file=${file}`, data, `--web.listen-address=127.0.0.1:${port}`, ...flags]);
    return this.#ready(`http://127.0.0.1:${port}`, "/-/ready");
  }

  /** A server that has recorded what an OpenMetrics text tells, with a retention of a year. @returns its address */
  async prometheusOf(openMetrics: string): Promise<string> {
    const port = await freePort();
    const data = join(this.directory, `prometheus-${port}`);
    const blocks = ["--max-block-duration=720h", "openmetrics", this.file("recorded.txt", openMetrics), data];
    const { status, stderr } = spawnSync("promtool", ["tsdb", "create-blocks-from", ...blocks], { encoding: "utf8" });
    if (status !== 0) throw new Error(`promtool: ${stderr}`);
    const kept = [`--storage.tsdb.path=${data}`, "--storage.tsdb.retention.time=1y"];
    const config = `--config.file=${this.file("none.yml", "global: {}\n")}`;
    this.#spawn("prometheus", [config, ...kept, `--web.listen-address=127.0.0.1:${port}`]);
    return this.#ready(`http://127.0.0.1:${port}`, "/-/ready");
  }

  async victoriaMetrics(): Promise<string> {
    const port = await freePort();
    const data = `-storageDataPath=${join(this.directory, `victoria-${port}`)}`;
    const flags = ["-retentionPeriod=12", "-search.latencyOffset=0s", "-memory.allowedPercent=10"];
    this.#spawn("victoria-metrics", [data, `-httpListenAddr=127.0.0.1:${port}`, ...flags]);
    return this.#ready(`http://127.0.0.1:${port}`, "/health");
  }

  async nodeExporter(): Promise<string> {
    const port = await freePort();
    this.#spawn("prometheus-node-exporter", [`--web.listen-address=127.0.0.1:${port}`]);
    return this.#ready(`http://127.0.0.1:${port}`, "/metrics");
  }

  async processExporter(config: string): Promise<string> {
    const port = await freePort();
    const file = this.file("process-exporter.yml", config);
    this.#spawn("prometheus-process-exporter", ["-config.path", file, `-web.listen-address=127.0.0.1:${port}`]);
    return this.#ready(`http://127.0.0.1:${port}`, "/metrics");
  }

  /** Writes a file of the test. @returns its path */
  file(name: string, content: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, content);
    return path;
  }

  #spawn(program: string, args: readonly string[]): void {
    this.#children.push(spawn(program, args, { stdio: "ignore", cwd: this.directory }));
  }

  async #ready(url: string, path: string): Promise<string> {
    for (let i = 0; i < 300; i++) {
      const answer = await fetch(`${url}${path}`).catch(() => undefined);
      if (answer?.ok) return url;
      await sleep(100);
    }
    throw new Error(`nothing answers at ${url}${path}`);
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Waits until something holds. */
export async function until<Value>(look: () => Value | undefined | false, seconds = 60): Promise<Value> {
  for (let i = 0; i < seconds * 10; i++) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    await sleep(100);
  }
  throw new Error(`it did not come true in ${seconds} s`);
}
