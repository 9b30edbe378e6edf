import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureHostPackages } from "./host-packages.ts";
import { ensurePulumi } from "./pulumi-cli.ts";

/** The root of the checkout. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Progress goes to standard error: standard output belongs to the command. */
export function say(line: string): void {
  process.stderr.write(`foreshadow: ${line}\n`);
}

/**
 * Brings what the commands need of the host, and returns the environment to run them in.
 * Exits with 1 and a plain message when there is no way to a Pulumi CLI.
 */
export async function prepare(): Promise<NodeJS.ProcessEnv> {
  ensureHostPackages(say);
  try {
    const bin = await ensurePulumi(say);
    const PATH = [join(ROOT, "node_modules", ".bin"), bin, process.env.PATH, "/usr/sbin", "/sbin"].join(delimiter);
    return { ...process.env, PATH, PULUMI_SKIP_UPDATE_CHECK: "true" };
  } catch (error) {
    say((error as Error).message);
    process.exit(1);
  }
}
