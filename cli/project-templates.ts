export interface ProjectTemplateValues {
  readonly workload: string;
  readonly cgroup: string;
  readonly stack: string;
  readonly dir: string;
}

/** The files of a new project by path, commented for whoever reads them first. */
export function projectTemplates({ workload, cgroup, stack, dir }: ProjectTemplateValues): Record<string, string> {
  return {
    "foreshadow.yaml": `version: 1
store: sqlite:.foreshadow          # the engine's records; git ignores it
schedule: "* * * * *"              # when the engine looks: node-cron, every minute
workloads:
  - name: ${workload}
    select: { cgroup: ${cgroup} }   # or systemd, executable, port, pidFile
    stack: { dir: ${dir}, name: ${stack} }
    constraints: policies/${workload}.yaml
    mode: observe                  # observe, review (propose in git), auto
`,
    [`policies/${workload}.yaml`]: `version: 1
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
`,
    [`capacity/${stack}.yaml`]: `version: 1
${workload}:                            # a Pulumi program reads this with capacity("${workload}")
  owns: desired
  replicas: { count: 2 }
  perReplica: { cpu: 1, memory: 1GiB }
`,
  };
}
