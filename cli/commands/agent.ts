import type { Command } from "commander";
import { runAgent } from "../../agent/agent.ts";
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
      const { output, project: load } = contextOf(command);
      const { project } = load();
      const endpoint = `http://${project.intake.listen}`;
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
      await runAgent(
        {
          workloads: project.workloads.map(({ name, select }) => ({ name, select })),
          interval: project.agent.interval,
          discovery: Math.max(1, Number(discovery) || 5),
          listen: project.agent.listen,
          endpoint,
          onListening: (port) => {
            const { length } = project.workloads;
            output.result({ workloads: length, endpoint, metrics: port, pid: process.pid }, () => [
              `agent ready: ${length} ${length === 1 ? "workload" : "workloads"} every ${project.agent.interval} s to ${endpoint}, /metrics on port ${port}`,
            ]);
          },
        },
        stop.signal,
      );
    });
}
