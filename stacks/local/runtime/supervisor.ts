import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { readIfThere } from "./atomic-file.ts";
import { Pool } from "./pool.ts";
import { startTimeOf } from "./process-table.ts";
import { digestOf, type PoolSpec } from "./spec.ts";
import { supervisorSocket } from "./supervisor-socket.ts";

/** Milliseconds between two looks at the pool: while something is on its way, and while nothing is. */
const BUSY = 50;
const QUIET = 250;

/**
 * The process that keeps one pool as its spec says, plan included, with nobody else alive. One a run directory: it holds an
 * abstract socket, which the kernel releases at its death, and which wakes it when somebody connects.
 */
async function main(runDirectory: string): Promise<void> {
  const bell = createServer((connection) => connection.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      bell.once("error", reject).listen({ path: supervisorSocket(runDirectory) }, resolve);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return; // another one keeps this pool
    throw error;
  }
  mkdirSync(join(runDirectory, "workers"), { recursive: true });
  const self = { pid: process.pid, startTime: startTimeOf(process.pid) ?? 0 };
  const pool = new Pool(runDirectory, self);
  pool.adopt();
  let wake: () => void = () => {};
  let stopping = false;
  bell.on("connection", () => wake());
  process.on("SIGHUP", () => wake());
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.on(name, () => {
      stopping = true;
      wake();
    });
  while (!stopping) {
    const text = readIfThere(join(runDirectory, "spec.json"));
    if (text === undefined) break; // the pool was deleted
    let busy = false;
    try {
      busy = pool.tick(JSON.parse(text) as PoolSpec, digestOf(text), Date.now() / 1000);
    } catch (error) {
      console.error(new Date().toISOString(), error);
    }
    await new Promise<void>((done) => {
      const timer = setTimeout(done, busy ? BUSY : QUIET);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
  process.exit(0); // workers go on
}

const runDirectory = process.argv[2];
if (runDirectory === undefined) throw new Error("expected the pool's run directory as argument");
await main(runDirectory);
