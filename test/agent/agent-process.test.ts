import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../bin/foreshadow.cjs", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "foreshadow-agent-process-"));
after(() => rmSync(directory, { recursive: true }));

function start(listen: string, selectors = 1): ChildProcess {
  const workloads = Array.from({ length: selectors }, (_, i) => ({
    name: `w${i}`,
    select: { executable: `/nowhere/${i}/${"x".repeat(100)}` },
    stack: { dir: ".", name: "none" },
    constraints: "none.yaml",
  }));
  const agent = { listen, send: { url: "http://127.0.0.1:1" } };
  writeFileSync(join(directory, "foreshadow.yaml"), JSON.stringify({ version: 1, agent, workloads }));
  return spawn(process.execPath, [COMMAND, "agent", "--json", "--project", join(directory, "foreshadow.yaml")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function ready(child: ChildProcess): Promise<{ pid: number; metrics: number; workloads: number }> {
  const [line] = await once(child.stdout!, "data");
  return JSON.parse(line);
}

test("the command becomes the agent: the same process, its memory bounded, ended by a signal", async () => {
  const child = start("127.0.0.1:0");
  const { pid, metrics } = await ready(child);
  assert.equal(pid, child.pid, "who started it can still watch it");
  const flags = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
  for (const flag of ["--max-semi-space-size=1", "--expose-gc"]) assert.ok(flags.includes(flag), `${flags}`);
  const page = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  assert.match(page, /foreshadow_agent_tick_seconds/);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("a project too large to be handed over is run by the command itself", async () => {
  const child = start("127.0.0.1:0", 1000);
  const { pid, workloads } = await ready(child);
  assert.deepEqual([pid, workloads], [child.pid, 1000]);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("what keeps the agent from starting is told as by any command", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const child = start(`127.0.0.1:${port}`);
  let told = "";
  child.stderr!.on("data", (part) => {
    told += part;
  });
  const [code] = await once(child, "close");
  server.close();
  assert.equal(code, 1);
  assert.match(JSON.parse(told).error, /port is in use/);
});
