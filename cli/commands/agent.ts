import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { runAgent } from "../../agent/agent.ts";
import { readInput } from "../../engine/project-files.ts";
import { readSecret } from "../../model/connection/secret.ts";
import { readTlsFiles } from "../../model/connection/tls-files.ts";
import { parseProject } from "../../model/project.ts";
import { contextOf } from "../context.ts";

export default function define(program: Command): Command {
  return program
    .command("agent")
    .option("--discovery <seconds>", "seconds between looks for new processes", "5")
    .addHelpText(
      "after",
      "\nExample:\n  sudo foreshadow agent --project /etc/foreshadow/foreshadow.yaml\n\nReads the kernel's counters of the workloads' processes; it executes nothing of theirs. Without root it\nmeasures what it may and says what is missing.",
    )
    .action(async ({ discovery }: { discovery: string }, command: Command) => {
      const { output, file } = contextOf(command);
      const path = file();
      // Not the constraints: a host of a cloud has none of them.
      const project = parseProject(readInput(path), path);
      const root = dirname(path);
      const {
        url: endpoint = `${project.intake.tls ? "https" : "http"}://${project.intake.listen}`,
        token,
        buffer,
        ...files
      } = project.agent.send;
      // What others measure needs no agent.
      const workloads = project.workloads.filter(({ select }) => select.labels === undefined);
      const profiled = new Map(
        workloads.flatMap(({ name, functions }) => (functions === undefined ? [] : [[name, functions] as const])),
      );
      const { directory, ...times } = project.agent.profiles;
      const profiles = { ...times, ...(directory !== undefined && { directory: resolve(root, directory) }) };
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
      await runAgent(
        {
          workloads: workloads.map(({ name, select }) => ({ name, select })),
          interval: project.agent.interval,
          discovery: Math.max(1, Number(discovery) || 5),
          listen: project.agent.listen,
          endpoint,
          security: {
            ...(token && { token: () => readSecret(token, "agent.send.token", root, process.env) }),
            tls: () => readTlsFiles(files, "agent.send", root),
          },
          topProcesses: project.agent.processes,
          ...(profiled.size > 0 && { functions: { workloads: profiled, ...profiles } }),
          ...(buffer.directory !== undefined && {
            diskBuffer: { directory: resolve(root, buffer.directory), size: buffer.size },
          }),
          onListening: (port) => {
            const { length } = workloads;
            output.result({ workloads: length, endpoint, metrics: port, pid: process.pid }, () => [
              `agent ready: ${length} ${length === 1 ? "workload" : "workloads"} every ${project.agent.interval} s to ${endpoint}, /metrics on port ${port}`,
            ]);
          },
        },
        stop.signal,
      );
    });
}
