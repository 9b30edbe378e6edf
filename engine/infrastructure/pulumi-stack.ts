import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";

export interface StackOptions {
  readonly stack: string;
  /** Directory of the program; Pulumi.yaml is there or above. */
  readonly workDir: string;
  /** The command line, and its version without the leading v. */
  readonly command: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A stack of the Automation API, without what it costs to ask for things that are not used here:
 *
 * - `PulumiCommand.get` asks the binary for its version each time (0.3 s); the version is known.
 * - `Stack.select` runs `pulumi stack select` (0.5 s), which would also change what the user has selected; every command names its stack.
 * - `up` and `refresh` read outputs and history afterwards (three commands, about a second); events tell all that is needed.
 */
export async function openStack({ stack, workDir, command, version, env }: StackOptions): Promise<Stack> {
  const pulumiCommand: PulumiCommand = Object.assign(Object.create(PulumiCommand.prototype), {
    command,
    version: { toString: () => version },
  });
  const workspace = await LocalWorkspace.create({ workDir, pulumiCommand, envVars: { ...env } });
  return Object.assign(Object.create(Stack.prototype) as Stack, {
    name: stack,
    workspace,
    ready: Promise.resolve(),
    outputs: async () => ({}),
    info: async () => undefined,
  });
}

/**
 * A stand-in for `pulumi` that notes the pid it will run under before it becomes Pulumi. A lock names its owner's pid: so a lock is known
 * to be ours whenever the owner died.
 */
export function writePulumiWrapper(directory: string, pulumi: string, pidFile: string): string {
  const path = join(directory, "pulumi");
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  writeFileSync(path, `#!/bin/sh\necho $$ >> ${quote(pidFile)}\nexec ${quote(pulumi)} "$@"\n`, { mode: 0o700 });
  return path;
}
