import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DAY,
  REPLICA_CPU,
  ROOT,
  RUN_DIRECTORY,
  RUN_ROOT,
  STACK,
  STEP,
  UTILISATION,
  WORKLOAD,
  WORKSPACE,
} from "./settings.ts";

/** Ports that the demo's engine and agent listen on, on loopback. */
export interface DemoPorts {
  readonly intake: number;
  readonly metrics: number;
}

/**
 * A repository of the demo's own with the checkout's Pulumi program in it: commits and state of the demo never touch the user's.
 */
export function createWorkspace(ports: DemoPorts): void {
  rmSync(WORKSPACE, { recursive: true, force: true });
  mkdirSync(WORKSPACE, { recursive: true, mode: 0o700 });
  for (const part of ["Pulumi.yaml", "package.json", "model", "stacks"])
    cpSync(join(ROOT, part), join(WORKSPACE, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(WORKSPACE, "node_modules"));
  for (const [path, text] of Object.entries(files(ports))) {
    mkdirSync(join(WORKSPACE, path, ".."), { recursive: true });
    writeFileSync(join(WORKSPACE, path), text);
  }
  mkdirSync(join(WORKSPACE, ".foreshadow", "state"), { recursive: true, mode: 0o700 });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message=Begin the demo");
}

function git(...args: string[]): void {
  const identity = [
    "-c",
    "user.name=Foreshadow demo",
    "-c",
    "user.email=demo@localhost",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "commit.gpgsign=false",
  ];
  execFileSync("git", [...identity, ...args], { cwd: WORKSPACE, stdio: ["ignore", "ignore", "inherit"] });
}

/** Environment of everything in the workspace: Pulumi's state in it, no passphrase, telemetry or update check. */
export function workspaceEnvironment(mark: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${join(WORKSPACE, ".foreshadow", "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    FORESHADOW_RUN_ROOT: RUN_ROOT,
    [mark]: WORKSPACE,
  };
}

function files({ intake, metrics }: DemoPorts): Record<string, string> {
  return {
    ".gitignore": "node_modules\n.foreshadow\n",
    [`Pulumi.${STACK}.yaml`]: `config:
  foreshadow:target: local
  foreshadow:workload: ${WORKLOAD}
  foreshadow:runRoot: ${RUN_ROOT}
`,
    "foreshadow.yaml": `version: 1
store: sqlite:.foreshadow
schedule: "*/${STEP} * * * * *"
step: ${STEP}s
season: ${DAY}s                     # a day of the demo
plan: { every: 30s, granularity: ${2 * STEP}s, steps: 40 }
agent: { interval: 1s, listen: "127.0.0.1:${metrics}" }
intake: { listen: "127.0.0.1:${intake}" }
workloads:
  - name: ${WORKLOAD}
    select: { cgroup: /foreshadow/${WORKLOAD}, volume: ${RUN_DIRECTORY}/volume, warmUp: 3s }
    stack: { dir: ., name: ${STACK} }
    constraints: policies/${WORKLOAD}.yaml
    mode: auto
    leadTime: 16s
    statusFile: ${RUN_DIRECTORY}/status.json
`,
    [`policies/${WORKLOAD}.yaml`]: `version: 1
performance: { utilisation: { cpu: ${UTILISATION * 100}%, memory: 80%, disk: 70%, network: 70% }, violation: 1% }
scales: { cpu: out, memory: up, disk: up, network: up }
availability: { replicas: { min: 2, max: 12 } }
cost: { max: 1.00 USD/h, onBudget: alert, perReplica: 0.02 USD/h }
change:
  threshold: { cpu: 5%, memory: 5%, disk: 10%, network: 10% }
  cooldown: { in: 20s }
  step: { in: 100%, out: 100% }
  vertical: auto
  irreversible: auto
forecast: { tier: fast, budget: 50ms, horizon: ${DAY}s }
`,
    [`capacity/${STACK}.yaml`]: `version: 1
# What the demo's stack should be. Every action of the engine is a commit that edits this file.
${WORKLOAD}:
  owns: desired
  replicas: { count: 4 }
  perReplica: { cpu: ${REPLICA_CPU}, memory: 96MiB }
  storage: { size: 32MiB, throughput: 10MiB/s }
  network: { bandwidth: 24Mbit/s }
`,
  };
}
