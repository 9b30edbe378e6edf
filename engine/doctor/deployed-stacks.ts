import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { locatePulumi, pathFor } from "../infrastructure/pulumi-command.ts";
import { Redaction } from "../infrastructure/redaction.ts";
import type { ProjectFiles } from "../project-files.ts";
import type { Finding } from "./finding.ts";

/** Stacks that are asked for, milliseconds for each, characters of what Pulumi says. */
const MOST_STACKS = 10;
const PATIENCE = 20_000;
const MOST_TEXT = 300;

/**
 * Whether Pulumi, as it is set up in this environment, finds the stacks: an engine that starts here does what `pulumi` does, and cannot log in by itself.
 * Where nothing is to be changed yet, a stack that is missing is no failure.
 */
export async function examineDeployedStacks({ project, root }: ProjectFiles): Promise<Finding[]> {
  const stacks = new Map(
    project.workloads.map(({ stack, mode }) => [JSON.stringify(stack), { ...stack, acts: mode !== "observe" }]),
  );
  const findings: Finding[] = [];
  for (const { dir, name, acts } of [...stacks.values()].slice(0, MOST_STACKS)) {
    const what = `stack ${name} in Pulumi`;
    const problem = await problemOf(join(root, dir), name);
    if (problem === undefined) findings.push({ what, state: "ok", text: `found from ${join(root, dir)}` });
    else findings.push({ what, state: acts ? "failed" : "degraded", text: `${problem}; ${REMEDY}` });
  }
  return findings;
}

const REMEDY =
  "give this environment what `pulumi up` of the stack takes (`pulumi login` or PULUMI_BACKEND_URL, the passphrase), and bring the stack up once";

async function problemOf(cwd: string, stack: string): Promise<string | undefined> {
  try {
    const pulumi = locatePulumi();
    const env = { ...process.env, PATH: pathFor(pulumi), PULUMI_SKIP_UPDATE_CHECK: "true" };
    const args = ["stack", "--stack", stack, "--show-name", "--non-interactive", "--color", "never"];
    await promisify(execFile)(pulumi, args, { cwd, env, timeout: PATIENCE, maxBuffer: 1024 ** 2 });
    return undefined;
  } catch (error) {
    const { stderr = "", killed } = error as { stderr?: string; killed?: boolean };
    if (killed === true) return `Pulumi said nothing within ${PATIENCE / 1000} s`;
    const said = (stderr.trim() || (error as Error).message).split("\n")[0].replace(/^error: /, "");
    return new Redaction(process.env).apply(said).slice(0, MOST_TEXT);
  }
}
