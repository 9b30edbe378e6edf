import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { readInput } from "../../engine/project-files.ts";
import { parseProject } from "../../model/project.ts";
import type { AgentSettings } from "../agent/agent-settings.ts";
import { becomeAgent } from "../agent/become-agent.ts";
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
        buffer,
        ...security
      } = project.agent.send;
      // What others measure needs no agent.
      const workloads = project.workloads.filter(({ select }) => select.labels === undefined);
      const profiled = workloads.flatMap(({ name, functions }) =>
        functions === undefined ? [] : [[name, functions] as const],
      );
      const { directory, ...times } = project.agent.profiles;
      const profiles = { ...times, ...(directory !== undefined && { directory: resolve(root, directory) }) };
      const settings: AgentSettings = {
        workloads: workloads.map(({ name, select }) => ({ name, select })),
        interval: project.agent.interval,
        discovery: Math.max(1, Number(discovery) || 5),
        listen: project.agent.listen,
        endpoint,
        security,
        root,
        json: output.json,
        topProcesses: project.agent.processes,
        ...(profiled.length > 0 && { functions: { workloads: profiled, ...profiles } }),
        ...(buffer.directory !== undefined && {
          diskBuffer: { directory: resolve(root, buffer.directory), size: buffer.size },
        }),
      };
      becomeAgent(settings);
      const { runWithSettings } = await import("../agent/run-with-settings.ts");
      await runWithSettings(settings);
    });
}
