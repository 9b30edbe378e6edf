import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { type PulumiBinary, pathFor } from "../infrastructure/pulumi-command.ts";
import type { Placed, Properties, Sandbox } from "./sandbox.port.ts";

const require = createRequire(import.meta.url);
const STACK = "sandbox";

export interface PulumiSandboxOptions extends Pick<Sandbox, "name" | "region" | "project" | "patience"> {
  /** Name of the provider: `aws`, `gcp`, `azure-native`. */
  readonly provider: string;
  /** Directory of another plugin that answers in its place. */
  readonly plugin?: string;
  /** The sandbox's own; its Pulumi backend is kept in it until everything is taken away. */
  readonly directory: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly command: PulumiBinary;
  /** An operation that is under way ends when it is aborted. */
  readonly signal?: AbortSignal;
}

interface Described {
  readonly type: string;
  readonly properties: Properties;
}

/** The version of a provider's SDK as it is installed. @throws Error when it is not */
export function providerVersion(provider: string): string {
  try {
    return (require(`@pulumi/${provider}/package.json`) as { version: string }).version;
  } catch {
    throw new Error(`expected @pulumi/${provider} to be installed, found none; run npm install @pulumi/${provider}`);
  }
}

/**
 * A sandbox by Pulumi: a stack of its own with a backend in a directory, driven by the real engine and the cloud's provider. Each resource is made after
 * those that were there, so that all of them can be taken away in the reverse order.
 */
export class PulumiSandbox implements Sandbox {
  readonly name: string;
  readonly region: string;
  readonly project: string;
  readonly patience: number;
  readonly #options: PulumiSandboxOptions;
  readonly #stack: Stack;
  readonly #resources = new Map<string, Described>();

  private constructor(options: PulumiSandboxOptions, stack: Stack) {
    ({ name: this.name, region: this.region, project: this.project, patience: this.patience } = options);
    this.#options = options;
    this.#stack = stack;
  }

  /** Opens the directory's sandbox, or makes it. Nothing is put anywhere yet. */
  static async open(options: PulumiSandboxOptions): Promise<PulumiSandbox> {
    const { directory, provider, plugin, settings, env, command } = options;
    const backend = join(directory, "state");
    mkdirSync(backend, { recursive: true, mode: 0o700 });
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: STACK, projectName: options.name, program: async () => {} },
      {
        workDir: directory,
        envVars: {
          ...env,
          PATH: pathFor(command.path),
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_CONFIG_PASSPHRASE: "",
        },
        projectSettings: {
          name: options.name,
          runtime: "nodejs",
          backend: { url: `file://${backend}` },
          ...(plugin && { plugins: { providers: [{ name: provider, path: plugin }] } }),
        },
      },
    );
    await stack.setAllConfig(Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, { value }])));
    return new PulumiSandbox(options, stack);
  }

  async put(name: string, type: string, properties: Properties): Promise<Placed> {
    const former = this.#resources.get(name);
    this.#resources.set(name, { type, properties });
    try {
      await this.#up();
    } catch (error) {
      if (former === undefined) this.#resources.delete(name);
      else this.#resources.set(name, former);
      throw error;
    }
    const found = await this.#recorded(name);
    if (found === undefined) throw new Error(`${name}: expected it in Pulumi's state, found none`);
    return found;
  }

  async remove(name: string): Promise<void> {
    this.#resources.delete(name);
    await this.#up();
  }

  async read(name: string): Promise<Properties | undefined> {
    await this.#stack.refresh({ signal: this.#options.signal });
    return (await this.#recorded(name))?.outputs;
  }

  async look(token: string, properties: Properties): Promise<Properties> {
    const version = providerVersion(this.#options.provider);
    let found: Properties | undefined;
    await this.#stack.preview({
      program: async () => {
        found = (await pulumi.runtime.invoke(token, properties, { version })) as Properties;
      },
      signal: this.#options.signal,
    });
    if (found === undefined) throw new Error(`${token}: expected an answer, found none`);
    return found;
  }

  async close(): Promise<void> {
    // An operation that was cut off leaves its lock behind; nobody else knows of this stack.
    await this.#stack.cancel().catch(() => {});
    await this.#stack.destroy({ refresh: true });
    rmSync(this.#options.directory, { recursive: true, force: true });
  }

  async #up(): Promise<void> {
    await this.#stack.up({ program: this.#program(), signal: this.#options.signal }).catch((error: Error) => {
      throw new Error(refusalIn(error.message));
    });
  }

  #program(): PulumiFn {
    const resources = [...this.#resources];
    const version = providerVersion(this.#options.provider);
    return async () => {
      let last: pulumi.Resource | undefined;
      for (const [name, { type, properties }] of resources)
        last = new Resource(type, name, properties, { version, ...(last && { dependsOn: [last] }) });
    };
  }

  async #recorded(name: string): Promise<Placed | undefined> {
    const { deployment } = await this.#stack.exportStack();
    const resources =
      (deployment as { resources?: { urn: string; id?: string; outputs?: Properties }[] }).resources ?? [];
    const found = resources.find(({ urn, id }) => id !== undefined && urn.endsWith(`::${name}`));
    return found && { id: found.id!, outputs: found.outputs ?? {} };
  }
}

/** A resource of any type, as the SDKs' classes make them. */
class Resource extends pulumi.CustomResource {}

/** The provider's own words in what Pulumi says of a failure. */
function refusalIn(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const told = lines.filter((line) => /^error: |^\* |(Error|error|refused|exception)\b.*:/i.test(line));
  return [...new Set(told)].slice(0, 5).join("; ").slice(0, 1000) || message.slice(0, 1000);
}
