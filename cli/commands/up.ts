import { spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Command } from "commander";
import { locatePulumi, pathFor } from "../../engine/infrastructure/pulumi-command.ts";
import { InputError } from "../../model/input-error.ts";
import { contextOf } from "../context.ts";
import { EXIT } from "../exit-code.ts";

export default function define(program: Command): Command {
  return program
    .command("up")
    .argument("[workload]", "the workload whose stack is meant; may be left out where there is one stack")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow up web\n\nA plain `pulumi up --yes` in the stack's directory: what the engine decides goes another way, see `run`.",
    )
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { root, project, file } = contextOf(command).project();
      const stacks = new Map(
        project.workloads
          .filter((workload) => name === undefined || workload.name === name)
          .map(({ stack }) => [`${stack.dir} ${stack.name}`, stack]),
      );
      if (stacks.size !== 1)
        throw new InputError(file, [
          {
            path: "workloads",
            expected: "one stack (name the workload whose stack is meant)",
            found: `${stacks.size} stacks`,
          },
        ]);
      const [stack] = stacks.values();
      process.exitCode = await pulumiUp(resolve(root, stack.dir), stack.name);
    });
}

/** @throws InfrastructureError where there is no Pulumi command line */
function pulumiUp(directory: string, stack: string): Promise<number> {
  const pulumi = locatePulumi();
  return new Promise((done, failed) => {
    const child = spawn(pulumi, ["up", "--yes", "--stack", stack], {
      cwd: directory,
      env: { ...process.env, PATH: pathFor(pulumi) },
      stdio: "inherit",
    });
    child.on("error", failed);
    // Pulumi's own codes mean other things than this command's.
    child.on("exit", (code) => done(code === 0 ? EXIT.done : EXIT.failed));
  });
}
