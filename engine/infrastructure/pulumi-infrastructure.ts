import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackReference } from "../../model/changeset.ts";
import type { PolicyGround } from "../../model/policy-subject.ts";
import {
  type ApplyResult,
  type Infrastructure,
  InfrastructureError,
  type Operation,
  type Preview,
  type PreviewOptions,
  type Settlement,
} from "../orchestrator/change/infrastructure.port.ts";
import { absoluteBackend } from "./backend.ts";
import { prepareCheckout } from "./checkout.ts";
import { endLeftovers, sweep } from "./leftovers.ts";
import { createDirectory, file, operationDirectory, prune, writeJson } from "./operation-directory.ts";
import { OPERATION_VARIABLE } from "./processes.ts";
import { type PulumiBinary, pulumiCommand } from "./pulumi-command.ts";
import { RunnerClient } from "./runner-client.ts";
import type { RunnerConfiguration } from "./runner-protocol.ts";
import { settleOperation } from "./settle.ts";

export interface PulumiOptions {
  /** The repository's root, where node_modules and untracked stack settings are. */
  readonly root: string;
  /** The engine's store; operations are kept below it. */
  readonly store: string;
  /** Environment of Pulumi: backend, passphrase, credentials. The process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Policy packs that gate every change: their executables or directories, and what a change of a workload is judged by. */
  readonly policy?: { readonly packs: readonly string[]; ground(workload: string): PolicyGround };
  /** The lease that guards writes: a program started with another token than the file's throws before its first resource. */
  readonly lease?: { readonly file: string; token(): string };
  /** Niceness of Pulumi's processes, 10 by default: the workload comes first. On a host that is saturated they take many times as long then. */
  readonly niceness?: number;
  /** Seconds that plugins without a driver may take to end what they are at, before they are ended. */
  readonly leftoverGrace?: number;
}

/** Infrastructure through Pulumi's Automation API, each operation in a process of its own. */
export class PulumiInfrastructure implements Infrastructure {
  readonly #options: PulumiOptions;
  #pulumi: Promise<PulumiBinary> | undefined;

  constructor(options: PulumiOptions) {
    this.#options = options;
  }

  async begin(operation: string, stack: StackReference): Promise<Operation> {
    const client = await this.#start(operation, stack);
    return new PulumiOperation(
      client,
      (checkout) => prepareCheckout(checkout, this.#options.root, stack),
      async () => void (await endLeftovers(operation, this.#grace)),
      this.#options.policy?.ground,
    );
  }

  async settle(operation: string, stack: StackReference, checkout: string): Promise<Settlement> {
    return settleOperation({
      directory: operationDirectory(this.#options.store, operation),
      operation,
      grace: this.#grace,
      workDir: prepareCheckout(checkout, this.#options.root, stack),
      start: (successor) => this.#start(successor, stack),
    });
  }

  sweep(): Promise<void> {
    return sweep(this.#options.store, this.#grace);
  }

  get #grace(): number {
    return this.#options.leftoverGrace ?? 15;
  }

  async #start(operation: string, stack: StackReference): Promise<RunnerClient> {
    const { store, root, policy, lease } = this.#options;
    const env = this.#options.env ?? process.env;
    this.#pulumi ??= pulumiCommand(env);
    const { path: pulumi, version } = await this.#pulumi.catch((error) => {
      this.#pulumi = undefined;
      throw error;
    });
    const directory = operationDirectory(store, operation);
    if (existsSync(file.operation(directory)))
      throw new InfrastructureError("program", `operation ${operation}: expected a new identifier, found one in use`);
    createDirectory(directory);
    prune(store, Date.now());
    const configuration: RunnerConfiguration = {
      operation,
      stack: stack.name,
      pulumi,
      pulumiVersion: version,
      policyPacks: policy?.packs ?? [],
      maskKeyFile: maskKeyFile(store),
      niceness: this.#options.niceness ?? 10,
      startedAt: Date.now() / 1000,
    };
    writeJson(file.operation(directory), configuration);
    return new RunnerClient(directory, {
      ...env,
      // Programs and plugins are Node processes that load the same modules each time: a third of a second each.
      NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? join(store, "node-cache"),
      ...absoluteBackend(env, join(root, stack.dir)),
      ...(lease && { FORESHADOW_LEASE_FILE: lease.file, FORESHADOW_LEASE_TOKEN: String(lease.token()) }),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      [OPERATION_VARIABLE]: operation,
    });
  }
}

class PulumiOperation implements Operation {
  readonly #client: RunnerClient;
  readonly #workDir: (checkout: string) => string;
  readonly #endLeftovers: () => Promise<void>;
  readonly #ground: ((workload: string) => PolicyGround) | undefined;

  constructor(
    client: RunnerClient,
    workDir: (checkout: string) => string,
    leftovers: () => Promise<void>,
    ground: ((workload: string) => PolicyGround) | undefined,
  ) {
    this.#client = client;
    this.#ground = ground;
    this.#workDir = workDir;
    this.#endLeftovers = leftovers;
  }

  preview(checkout: string, { policiesFor }: PreviewOptions = {}): Promise<Preview> {
    const ground = policiesFor === undefined ? undefined : this.#ground?.(policiesFor);
    return this.#client.ask<"preview">({
      kind: "preview",
      workDir: this.#workDir(checkout),
      ...(ground && { policiesFor: ground }),
    });
  }

  rehearse(checkout: string, expected: Preview): Promise<Preview> {
    const workDir = this.#workDir(checkout);
    return this.#client.ask<"rehearse">({ kind: "rehearse", workDir, expected: expected.resources });
  }

  async apply(checkout: string, expectedState: string | undefined): Promise<ApplyResult> {
    const started = performance.now();
    try {
      const workDir = this.#workDir(checkout);
      const { moved, seconds } = await this.#client.ask<"apply">({ kind: "apply", workDir, expectedState });
      if (!moved) return { outcome: "applied", seconds };
      return { outcome: "failed", moved, message: "the stack's state is not what was previewed", seconds };
    } catch (error) {
      if (!(error instanceof InfrastructureError) || error.failure !== "program") throw error;
      return { outcome: "failed", message: error.message, seconds: (performance.now() - started) / 1000 };
    }
  }

  async deployedCommit(checkout: string): Promise<string | undefined> {
    const commit = await this.#client.ask<"deployed">({ kind: "deployed", workDir: this.#workDir(checkout) });
    return commit ?? undefined;
  }

  async end(): Promise<void> {
    await this.#client.end();
    await this.#endLeftovers();
  }
}

/** The key that secrets are hashed with, made when first needed; it never leaves the store. */
function maskKeyFile(store: string): string {
  const path = join(store, "mask.key");
  if (existsSync(path) && readFileSync(path).length === 32) return path;
  mkdirSync(store, { recursive: true, mode: 0o700 });
  writeFileSync(path, randomBytes(32), { mode: 0o600 });
  return path;
}
