import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Selector } from "../model/project.ts";

const COMMAND = fileURLToPath(new URL("../bin/foreshadow.cjs", import.meta.url));

/**
 * `foreshadow agent` in a process of its own, for what measures its cost, with one workload named `bench`.
 *
 * From a checkout Node strips the types of the source, with 40 MiB of machinery that what is published does not need: here it comes
 * from Node's compile cache, which a first run fills.
 *
 * @param endpoint where it sends vectors
 */
export async function startAgent(
  select: Selector,
  endpoint: string,
): Promise<{ readonly process: ChildProcess; readonly end: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-agent-"));
  const project = join(directory, "foreshadow.yaml");
  const content = {
    version: 1,
    agent: { listen: "127.0.0.1:0", send: { url: endpoint } },
    workloads: [{ name: "bench", select, stack: { dir: ".", name: "none" }, constraints: "none.yaml" }],
  };
  writeFileSync(project, JSON.stringify(content));
  const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, "compiled") };
  const start = async () => {
    const child = spawn(process.execPath, [COMMAND, "agent", "--project", project], {
      stdio: ["ignore", "pipe", "inherit"],
      env,
    });
    await once(child.stdout, "data");
    return child;
  };
  await end(await start());
  const child = await start();
  return {
    process: child,
    end: async () => {
      await end(child);
      rmSync(directory, { recursive: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
