import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pulumiCommand } from "../infrastructure/pulumi-command.ts";
import { PACKAGE } from "../package.ts";
import type { Finding } from "./finding.ts";

const run = promisify(execFile);

export async function examineTools(): Promise<Finding[]> {
  return [
    { what: "foreshadow", state: "ok", text: `${PACKAGE.version} in ${PACKAGE.root}` },
    { what: "node", state: "ok", text: process.versions.node },
    await pulumi(),
    await tool("git", ["--version"], "failed", "changes are commits: install git"),
    await tool(
      "ip",
      ["-Version"],
      "degraded",
      "without iproute2 the local stack has no network namespace and no bandwidth limit",
    ),
    await tool("mkfs.ext4", ["-V"], "degraded", "without e2fsprogs the local stack's volume is a directory"),
  ];
}

async function pulumi(): Promise<Finding> {
  try {
    const pulumi = await pulumiCommand();
    return { what: "pulumi", state: "ok", text: `${pulumi.version} at ${pulumi.path}` };
  } catch (error) {
    return { what: "pulumi", state: "failed", text: (error as Error).message };
  }
}

async function tool(
  name: string,
  args: readonly string[],
  without: "degraded" | "failed",
  advice: string,
): Promise<Finding> {
  try {
    const { stdout, stderr } = await run(name, args, {
      timeout: 10_000,
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    return { what: name, state: "ok", text: (stdout || stderr).split("\n")[0] };
  } catch {
    return { what: name, state: without, text: `not found: ${advice}` };
  }
}
