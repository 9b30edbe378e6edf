import { resolve } from "node:path";
import type { Command } from "commander";
import { InputError } from "../../model/input-error.ts";
import { name as nameSchema } from "../../model/schema.ts";
import { contextOf } from "../context.ts";
import { projectTemplates } from "../project-templates.ts";
import { writeMissing } from "../write-missing.ts";

export default function define(program: Command): Command {
  return program
    .command("init")
    .argument("[directory]", "where the project is to be", ".")
    .option("--workload <name>", "name of the first workload", "web")
    .option("--cgroup <path>", "its cgroup", "/web.slice")
    .option("--stack <name>", "Pulumi stack that owns its capacity", "dev")
    .option("--dir <path>", "directory of the stack's Pulumi program, from the project", ".")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow init --workload shop --cgroup /system.slice/shop.service\n\nWrites what is not there yet, overwrites nothing, and starts in `observe`: nothing is changed until you say so.",
    )
    .action(
      (
        directory: string,
        options: { workload: string; cgroup: string; stack: string; dir: string },
        command: Command,
      ) => {
        const { output } = contextOf(command);
        for (const option of ["workload", "stack"] as const)
          if (!nameSchema.safeParse(options[option]).success)
            throw new InputError(`--${option}`, [
              { path: "", expected: "a name of a-z, 0-9 and -, at most 63 characters", found: options[option] },
            ]);
        const root = resolve(directory);
        const { workload, cgroup, stack, dir } = options;
        const files = projectTemplates({ workloads: [{ name: workload, select: { cgroup } }], stack, dir });
        const { written, kept } = writeMissing(root, files);
        output.result({ root, written, kept }, () => [
          ...written.map((path) => `wrote ${path}`),
          ...kept.map((path) => `kept  ${path}`),
          "",
          "Next: adapt them, commit them, then `foreshadow doctor`, `foreshadow agent` and `foreshadow run`.",
        ]);
      },
    );
}
