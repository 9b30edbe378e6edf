import { formatBytes } from "../model/units.ts";

/** A workload of a new project. */
export interface TemplateWorkload {
  readonly name: string;
  /** The keys of `select`. */
  readonly select: Readonly<Record<string, unknown>>;
  /** What it was found as, for whoever reads the file first. */
  readonly about?: string;
  /** The text of its constraints file; a usual one without it. */
  readonly constraints?: string;
  /** What it has today, as far as that is known. Bytes. */
  readonly capacity?: { readonly count?: number; readonly cpu?: number; readonly memory?: number };
}

export interface ProjectTemplateValues {
  readonly workloads: readonly TemplateWorkload[];
  readonly stack: string;
  /** Directory of the stack's program, from the project. */
  readonly dir: string;
  /** What is said of the program. */
  readonly program?: string;
  /** The server that usage is read from, as the project file has it. */
  readonly prometheus?: Readonly<Record<string, unknown>>;
}

const SELECTORS = "cgroup, container, systemd, executable, port, pidFile, labels of a server's series";

/** The files of a new project by path, commented for whoever reads them first. All of it observes, and changes nothing. */
export function projectTemplates(values: ProjectTemplateValues): Record<string, string> {
  const { workloads, stack } = values;
  const policies = workloads.map(({ name, constraints }) => [`policies/${name}.yaml`, constraints ?? CONSTRAINTS]);
  return {
    "foreshadow.yaml": projectFile(values),
    ...Object.fromEntries(policies),
    [`capacity/${stack}.yaml`]: `version: 1\n${workloads.map(capacitySection).join("")}`,
  };
}

function projectFile({ workloads, stack, dir, program, prometheus }: ProjectTemplateValues): string {
  const server =
    prometheus === undefined ? "" : `prometheus: ${flow(prometheus)}   # usage is read from there, every 15s\n`;
  return `version: 1
store: sqlite:.foreshadow          # the engine's records; git ignores it
schedule: "* * * * *"              # when the engine looks: node-cron, every minute
${server}workloads:
${workloads.map((workload, i) => workloadEntry(workload, { stack, dir, program }, i === 0)).join("")}`;
}

function workloadEntry(
  { name, select, about }: TemplateWorkload,
  { stack, dir, program }: Pick<ProjectTemplateValues, "stack" | "dir" | "program">,
  first: boolean,
): string {
  return `${about === undefined ? "" : `  # ${oneLine(about)}\n`}  - name: ${name}
    select: ${flow(select)}${first ? `   # or ${SELECTORS.replace(`${Object.keys(select)[0]}, `, "")}` : ""}
    stack: { dir: ${scalar(dir)}, name: ${stack} }${first && program !== undefined ? `   # ${oneLine(program)}` : ""}
    constraints: policies/${name}.yaml
    mode: observe${first ? "                  # observe, review (propose in git), auto" : ""}
`;
}

const CONSTRAINTS = `version: 1
performance:                       # how full it may be, and how often demand may exceed what is ready
  utilisation: { cpu: 70%, memory: 80%, disk: 70%, network: 70% }
  violation: 1%
scales: { cpu: out, memory: up, disk: up, network: out }
availability: { replicas: { min: 2, max: 20 }, stateful: false }
change:
  threshold: { cpu: 5%, memory: 5%, disk: 10%, network: 10% }
  cooldown: { in: 10m }
  step: { in: 10%, out: 100% }
  vertical: review                 # changes of size wait for a person
  irreversible: approve            # so do those that cannot be taken back
forecast: { tier: balanced, budget: 50ms, horizon: 24h }
`;

function capacitySection({ name, capacity = {} }: TemplateWorkload): string {
  const { count, cpu, memory } = capacity;
  const known = cpu !== undefined || memory !== undefined;
  const figures = known
    ? { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory: formatBytes(memory) }) }
    : { cpu: 1, memory: "1GiB" };
  return `${name}:                            # a Pulumi program reads this with capacity("${name}")
  owns: desired
  replicas: { count: ${count ?? 2} }${count === undefined ? "            # say how many there are" : ""}
  perReplica: ${flow(figures)}${known ? "" : "   # say what one has"}
`;
}

/** A value as YAML on one line. */
function flow(value: unknown): string {
  if (typeof value !== "object" || value === null) return scalar(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${scalar(key)}: ${flow(one)}`)
    .join(", ")} }`;
}

/** Plain where YAML reads it as the same text, else as JSON has it, which YAML reads too. */
function scalar(value: unknown): string {
  const text = String(value);
  if (typeof value !== "string") return text;
  const plain = /^[A-Za-z/.][A-Za-z0-9/._-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 120);
}
