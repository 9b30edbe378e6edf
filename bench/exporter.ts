import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { get } from "node:http";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureTestServers } from "../scripts/test-servers.ts";

/** An exporter of Debian's that is scraped, as a child process. */
export interface Exporter {
  readonly pid: number;
  /** Reads its page. @returns bytes of it */
  scrape(): Promise<number>;
  end(): Promise<void>;
}

/** @throws Error where Debian's package cannot be had */
export async function startExporter(name: string, port: number, args: readonly string[]): Promise<Exporter> {
  const places = [...(process.env.PATH ?? "").split(delimiter), ensureTestServers(console.error)];
  const path = places.map((place) => join(place, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`expected Debian's ${name}, found none: install it with apt-get`);
  const child = spawn(path, [`--web.listen-address=127.0.0.1:${port}`, ...args], { stdio: "ignore" });
  const exporter = {
    pid: child.pid!,
    scrape: () => pageSize(port),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
  for (let tries = 0; (await exporter.scrape()) === 0; tries++) {
    if (tries > 100 || child.exitCode !== null) throw new Error(`${path} serves no page on port ${port}`);
    await sleep(100);
  }
  return exporter;
}

/** 0 when there is none. */
function pageSize(port: number): Promise<number> {
  return new Promise((resolve) => {
    const request = get(`http://127.0.0.1:${port}/metrics`, (response) => {
      let size = 0;
      response.on("data", (part: Buffer) => {
        size += part.length;
      });
      response.on("close", () => resolve(size));
    });
    request.on("error", () => resolve(0));
  });
}
