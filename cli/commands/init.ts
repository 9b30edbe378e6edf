import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { hostWorkloads } from "../../agent/discovery/host-workloads.ts";
import { uniqueNames } from "../../engine/usage/history/find-workloads.ts";
import { InputError } from "../../model/input-error.ts";
import { name as nameSchema } from "../../model/schema.ts";
import { type Ask, chooseOne, chooseSome } from "../choose.ts";
import { contextOf } from "../context.ts";
import { findProgram } from "../find-program.ts";
import { askServer, type FoundServer, serverOnLoopback } from "../find-server.ts";
import type { Output } from "../output.ts";
import { projectTemplates, type TemplateWorkload } from "../project-templates.ts";
import { type ServerArguments, serverSettings, withServerOptions } from "../server-options.ts";
import { writeMissing } from "../write-missing.ts";

interface InitArguments extends ServerArguments {
  readonly workload?: string;
  readonly cgroup?: string;
  readonly stack?: string;
  readonly dir?: string;
  readonly prometheus?: string;
  readonly yes?: boolean;
}

const STACK = "dev";
/** Where nothing is found, or only a name is given: a name and a cgroup to be put right. */
const PLACEHOLDER = { workload: "web", cgroup: "/web.slice" };
/** More would be a file that nobody reads; a person may name any. */
const MOST_WORKLOADS = 100;

export default function define(program: Command): Command {
  const command = program
    .command("init")
    .argument("[directory]", "where the project is to be", ".")
    .option("--workload <name>", "only this workload, instead of what is found")
    .option("--cgroup <path>", `its cgroup (default: ${PLACEHOLDER.cgroup})`)
    .option("--stack <name>", `Pulumi stack that owns the capacity (default: that of the program found, or ${STACK})`)
    .option("--dir <path>", "directory of the stack's Pulumi program, from the project (default: where one is found)")
    .option("--prometheus <url>", "server whose workloads to propose (default: one that answers on this host)")
    .option("--yes", "ask nothing, take what is proposed; without a terminal nothing is asked anyway");
  return withServerOptions(command)
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow init\n  foreshadow init --prometheus http://prometheus.example:9090 --yes\n  foreshadow init --workload shop --cgroup /system.slice/shop.service\n\nProposes the workloads that a Prometheus knows, else the services and listening processes of this host, and the Pulumi program beside it.\nWrites what is not there yet, overwrites nothing, and starts in `observe`: nothing is changed until you say so.",
    )
    .action(async (directory: string, options: InitArguments, command: Command) => {
      const { output } = contextOf(command);
      for (const option of ["workload", "stack"] as const)
        if (options[option] !== undefined && !nameSchema.safeParse(options[option]).success)
          throw new InputError(`--${option}`, [
            { path: "", expected: "a name of a-z, 0-9 and -, at most 63 characters", found: options[option] },
          ]);
      const root = resolve(directory);
      const asking = options.yes !== true && !output.json && process.stdin.isTTY && process.stderr.isTTY;
      const terminal = asking ? createInterface({ input: process.stdin, output: process.stderr }) : undefined;
      try {
        await propose(root, options, output, terminal && ((question) => terminal.question(question)));
      } finally {
        terminal?.close();
      }
    });
}

async function propose(root: string, options: InitArguments, output: Output, ask: Ask | undefined): Promise<void> {
  const program = findProgram(root);
  const stacks = program?.stacks ?? [];
  const stack =
    options.stack ??
    (stacks.length > 1 && ask ? await chooseOne(ask, "Which stack owns the capacity", stacks) : (stacks[0] ?? STACK));
  const named = options.workload !== undefined || options.cgroup !== undefined;
  const server = await serverFor(options, named);
  const found = named ? [] : workloadsOf(server);
  const chosen =
    ask && found.length > 1
      ? await chooseSome(ask, "Which are workloads", found, ({ name, about }) => `${name} (${about})`)
      : found.slice(0, MOST_WORKLOADS);
  const { workload = PLACEHOLDER.workload, cgroup = PLACEHOLDER.cgroup } = options;
  const files = projectTemplates({
    workloads: chosen.length > 0 ? chosen : [{ name: workload, select: { cgroup } }],
    stack,
    dir: options.dir ?? program?.dir ?? ".",
    ...(program && options.dir === undefined && { program: program.about }),
    ...(server && { prometheus: { ...server.settings } }),
  });
  const { written, kept } = writeMissing(root, files);
  const left = found.length - chosen.length;
  output.result({ root, written, kept, workloads: chosen.map(({ name }) => name), stack }, () => [
    ...written.map((path) => `wrote ${path}`),
    ...kept.map((path) => `kept  ${path}`),
    "",
    ...(chosen.length === 0 && !named
      ? ["No workload was found: put the name and the cgroup of yours in their place."]
      : []),
    ...(left > 0 && !ask ? [`${left} more were found: name them in foreshadow.yaml.`] : []),
    `Next: adapt them, commit them, then \`foreshadow doctor\`, ${server ? "" : "`foreshadow agent` and "}\`foreshadow run\`.`,
    ...(server ? ["Whether it is worth it: `foreshadow report --prometheus`."] : []),
  ]);
}

/** The server that was named; else one on this host, unless a workload was named. @throws Error of the one that was named */
async function serverFor(options: InitArguments, named: boolean): Promise<FoundServer | undefined> {
  const now = Date.now() / 1000;
  if (options.prometheus !== undefined) return askServer(serverSettings(options.prometheus, options), now);
  return named ? undefined : serverOnLoopback(now);
}

function workloadsOf(server: FoundServer | undefined): TemplateWorkload[] {
  if (server !== undefined && server.workloads.length > 0)
    return server.workloads.map(({ name, kind, labels }) => ({ name, select: { labels }, about: kind }));
  const found = hostWorkloads("/proc");
  const names = uniqueNames(found.map(({ title }) => title));
  return found.map(({ select, processes }, i) => ({
    name: names[i],
    select,
    about: `${"systemd" in select ? "service of systemd" : `listens on port ${select.port}`}, ${processes} ${processes === 1 ? "process" : "processes"}`,
  }));
}
