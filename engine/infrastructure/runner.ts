import { appendFileSync, createWriteStream, readFileSync } from "node:fs";
import { hostname, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { file, type OperationDirectory, readJson, writeJson } from "./operation-directory.ts";
import { createOperations } from "./runner-operations.ts";
import type { RunnerConfiguration, RunnerRequest, RunnerResult } from "./runner-protocol.ts";

/**
 * The process in which one operation's Pulumi work is done. It is the leader of its own session, so that it outlives the engine; what it
 * finds out goes to files, so that the next engine finds it. A line on its input, `N`, asks for `N.request.json`; the end of its input
 * means that nobody asks any more: it ends what it is at, and itself. It is niced, since the workload has the first right to the machine.
 */
const directory: OperationDirectory = { path: process.argv[2] };
const configuration = readJson<RunnerConfiguration>(file.operation(directory));
if (configuration === undefined) throw new Error(`${file.operation(directory)}: expected the operation, found no file`);

appendFileSync(file.pids(directory), `${process.pid}\n`);
setPriority(configuration.niceness);
// The engine may be gone: what it would have read is in the files.
process.stdout.on("error", () => {});

const log = createWriteStream(file.log(directory), { flags: "a" });
log.write(`${new Date().toISOString()} runner ${process.pid} on ${hostname()} for ${configuration.operation}\n`);

const operations = createOperations(
  configuration,
  directory,
  readFileSync(configuration.maskKeyFile),
  (text) => void log.write(text),
);

let queue: Promise<void> = Promise.resolve();
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const n = Number(line);
  if (Number.isInteger(n)) queue = queue.then(() => answer(n));
});
lines.on("close", () => void queue.then(() => process.exit(0)));

async function answer(n: number): Promise<void> {
  const request = readJson<RunnerRequest>(file.request(directory, n));
  const started = performance.now();
  let result: RunnerResult;
  if (request === undefined)
    result = { ok: false, failure: "lost", message: `${file.request(directory, n)}: no such file`, seconds: 0 };
  else result = await operations(request, n);
  log.write(
    `${new Date().toISOString()} ${n} ${request?.kind} ${result.ok ? "ok" : result.failure} ${Math.round(performance.now() - started)} ms\n`,
  );
  writeJson(file.result(directory, n), result);
  process.stdout.write(`${n}\n`);
}
