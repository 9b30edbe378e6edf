import { runAgent } from "../../agent/agent.ts";
import { readSecret } from "../../model/connection/secret.ts";
import { readTlsFiles } from "../../model/connection/tls-files.ts";
import { createOutput } from "../output.ts";
import type { AgentSettings } from "./agent-settings.ts";

/** Runs the agent in this process, until it is told to end by a signal. @throws InputError, ListenError */
export async function runWithSettings({ security, root, json, functions, ...options }: AgentSettings): Promise<void> {
  const { token, ...files } = security;
  const output = createOutput(json);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  await runAgent(
    {
      ...options,
      ...(functions && { functions: { ...functions, workloads: new Map(functions.workloads) } }),
      security: {
        ...(token && { token: () => readSecret(token, "agent.send.token", root, process.env) }),
        tls: () => readTlsFiles(files, "agent.send", root),
      },
      onListening: (port) => {
        const { endpoint, interval } = options;
        const { length } = options.workloads;
        output.result({ workloads: length, endpoint, metrics: port, pid: process.pid }, () => [
          `agent ready: ${length} ${length === 1 ? "workload" : "workloads"} every ${interval} s to ${endpoint}, /metrics on port ${port}`,
        ]);
      },
    },
    stop.signal,
  );
}
