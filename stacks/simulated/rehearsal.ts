import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { siblingModule } from "../../model/sibling.ts";
import { CLOCK_VARIABLE, WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import { emptyWorld, type World, type WorldRules } from "./world.ts";
import { statusFileOf, writeWorld } from "./world-file.ts";

export type Cloud = (typeof CLOUDS)[number];

export const CLOUDS = ["aws", "gcp", "azure"] as const;

export interface RehearsalOptions {
  readonly cloud: Cloud;
  /** An empty directory, or one that is not there yet. */
  readonly directory: string;
  readonly rules?: Partial<WorldRules>;
  /** Settings of the stack, `PROJECT:KEY` or `PROVIDER:KEY`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Contents of the project's files in place of what it begins with. */
  readonly capacity?: string;
  readonly constraints?: string;
  /** More files of the project, or others in place of those that it begins with: a program in another language. */
  readonly files?: Readonly<Record<string, string>>;
  /** Groups that are there before, run by anything but this project. */
  readonly groups?: World["groups"];
  /** Epoch seconds. */
  readonly now: number;
}

/** What the environment of Pulumi and its plugins says of the time, where it is another than the machine's. */
export function atTime(now: number): Readonly<Record<string, string>> {
  return { [CLOCK_VARIABLE]: String(now) };
}

/** A project on a simulated cloud. */
export interface Rehearsal {
  /** The repository. */
  readonly root: string;
  readonly worldFile: string;
  /** Steps that a plan may have. */
  readonly planSteps: number;
  /** Environment of Pulumi: a backend of its own, and the world. */
  readonly env: Readonly<Record<string, string>>;
}

interface Beginning {
  /** Name of the provider's plugin. */
  readonly plugin: string;
  readonly settings: Record<string, string>;
  readonly capacity: string;
  readonly group: string;
  /** Steps that a plan may have: what the cloud has room for. */
  readonly planSteps: number;
  /** What this cloud does otherwise than the world's rules say. */
  readonly rules?: Partial<WorldRules>;
}

const BEGINNINGS: Record<Cloud, Beginning> = {
  aws: {
    plugin: "aws",
    planSteps: 100,
    settings: { "aws:region": "eu-central-1" },
    group: "web-simulated",
    capacity: `# What the stack should have. Floor and ceiling are ours, the count is the group's own autoscaler's.
version: 1
web:
  owns: floor
  replicas: { floor: 2, ceiling: 10 }
  perReplica: { instance: m7i.large, cpu: 2, memory: 8GiB }
  storage: { size: 100GiB, iops: 3000, throughput: 125MiB/s }
  network: { bandwidth: 300Mbit/s }
`,
  },
  gcp: {
    plugin: "gcp",
    planSteps: 100,
    settings: { "gcp:project": "simulated", "gcp:region": "europe-west3" },
    group: "web-simulated",
    // Compute Engine: schedules an autoscaler, its stabilisation, and the time between two changes of a Hyperdisk.
    rules: { schedules: 128, scaleInAfter: 600, diskModificationGap: 4 * 3600 },
    capacity: `# What the stack should have. Floor and ceiling are ours, the count is the group's own autoscaler's.
version: 1
web:
  owns: floor
  replicas: { floor: 2, ceiling: 10 }
  perReplica: { instance: c4-standard-2, cpu: 2, memory: 7GiB }
  storage: { size: 100GiB, iops: 3000, throughput: 140MiB/s }
  network: { bandwidth: 300Mbit/s }
`,
  },
  azure: {
    plugin: "azure-native",
    planSteps: 18,
    settings: {
      "azure-native:location": "westeurope",
      "foreshadow:image": "Canonical:ubuntu-24_04-lts:server:24.04.simulated",
      "foreshadow:sshPublicKey": "ssh-ed25519 simulated",
    },
    group:
      "/subscriptions/simulated/resourceGroups/web-simulated/providers/Microsoft.Compute/virtualMachineScaleSets/web-simulated",
    capacity: `# What the stack should have. Floor and ceiling are ours, the count is the scale set's own autoscaler's.
version: 1
web:
  owns: floor
  replicas: { floor: 2, ceiling: 10 }
  perReplica: { instance: Standard_D2s_v5, cpu: 2, memory: 8GiB }
  storage: { size: 100GiB, iops: 3000, throughput: 125MB/s }
  network: { bandwidth: 300Mbit/s }
`,
  },
};

const CONSTRAINTS = `version: 1
performance:
  utilisation: { cpu: 70%, memory: 80%, disk: 70%, network: 70% }
  violation: 1%
scales: { cpu: out, memory: none, disk: up, network: up }
availability: { replicas: { min: 2, max: 20 } }
change: { vertical: review, irreversible: approve }
`;

/**
 * Makes a project as a user would have it, a git repository with one commit, whose provider is the simulated one: `Pulumi.yaml` names it under
 * `plugins`. Nothing of it can reach a cloud.
 *
 * @throws Error when the directory is not empty
 */
export function createRehearsal({
  cloud,
  directory,
  rules,
  settings,
  groups,
  now,
  ...texts
}: RehearsalOptions): Rehearsal {
  const { root, worldFile } = openRehearsal(cloud, directory);
  if (existsSync(root)) throw new Error(`${root}: expected nothing there yet, found something; name another directory`);
  const beginning = BEGINNINGS[cloud];
  for (const path of ["capacity", "policies"]) mkdirSync(join(root, path), { recursive: true });
  mkdirSync(join(directory, "state"), { recursive: true });
  writeWorld(worldFile, { ...emptyWorld(cloud, now, { ...beginning.rules, ...rules }), groups: { ...groups } });
  const program = pathToFileURL(siblingModule(import.meta.url, "../index")).href;
  const provider = fileURLToPath(new URL(`./${cloud}`, import.meta.url));
  const config = Object.entries({
    ...beginning.settings,
    "foreshadow:target": cloud,
    "foreshadow:workload": "web",
    ...settings,
  });
  const files: Record<string, string> = {
    "Pulumi.yaml": `# The provider is a simulated one: nothing here reaches a cloud.
name: foreshadow
description: A rehearsal on a simulated cloud (${cloud}).
runtime: { name: nodejs, options: { typescript: false } }
main: index.mjs
plugins:
  providers:
    - { name: ${beginning.plugin}, path: ${JSON.stringify(provider)} }
`,
    "Pulumi.dev.yaml": `# The salt belongs to the empty passphrase of a rehearsal. Nothing here is secret.
encryptionsalt: v1:63Giy0qXpC8=:v1:tq1KcKBUaIAdJnSc:qXvL2regKxjzQOXL9nRo0q0m+aaa2A==
config:\n${config.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`).join("")}`,
    "index.mjs": `export default (await import(${JSON.stringify(program)})).default;\n`,
    "package.json": `${JSON.stringify({ name: "rehearsal", private: true, type: "module" })}\n`,
    "capacity/dev.yaml": texts.capacity ?? beginning.capacity,
    "policies/web.yaml": texts.constraints ?? CONSTRAINTS,
    "foreshadow.yaml": `version: 1
plan: { steps: ${beginning.planSteps} }
workloads:
  - name: web
    select: { cgroup: /web }
    stack: { dir: ".", name: dev }
    resources: ["web*"]
    constraints: policies/web.yaml
    statusFile: ${JSON.stringify(statusFileOf(worldFile, beginning.group))}
`,
    ".gitignore": "node_modules\n.foreshadow\n",
    ...texts.files,
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  symlinkSync(nodeModules(), join(root, "node_modules"));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  git("init", "--quiet", "--initial-branch", "main");
  git("add", ".");
  git("-c", "user.name=foreshadow", "-c", "user.email=foreshadow@localhost", "commit", "--quiet", "-m", "Begin");
  return openRehearsal(cloud, directory);
}

/** A rehearsal's project that is there already. */
export function openRehearsal(cloud: Cloud, directory: string): Rehearsal {
  const worldFile = join(directory, "world.json");
  return {
    root: join(directory, "repository"),
    worldFile,
    planSteps: BEGINNINGS[cloud].planSteps,
    env: {
      PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      [WORLD_VARIABLE]: worldFile,
    },
  };
}

/** Where the SDKs are installed: a program in the project must find the same ones as the stack that it starts. */
function nodeModules(): string {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    const candidate = join(directory, "node_modules");
    if (existsSync(join(candidate, "@pulumi", "pulumi"))) return candidate;
    if (directory === dirname(directory))
      throw new Error("expected @pulumi/pulumi to be installed, found none; run npm install");
  }
}
