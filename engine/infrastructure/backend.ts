import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";

const FILE = "file://";

/**
 * PULUMI_BACKEND_URL with a path that does not depend on where Pulumi is started: a backend in a relative directory, from the environment
 * or from Pulumi.yaml, would be another one in a checkout.
 *
 * @param programDirectory the stack's directory in the user's own working tree
 */
export function absoluteBackend(env: NodeJS.ProcessEnv, programDirectory: string): { PULUMI_BACKEND_URL?: string } {
  const project = findProject(programDirectory);
  const fromEnvironment = env.PULUMI_BACKEND_URL;
  const url = fromEnvironment || backendOf(project);
  if (!url) return {};
  if (!url.startsWith(FILE)) return { PULUMI_BACKEND_URL: url };
  const path = url.slice(FILE.length);
  if (path === "~" || path.startsWith("~/") || path.startsWith("/")) return { PULUMI_BACKEND_URL: url };
  const base = fromEnvironment ? programDirectory : project === undefined ? programDirectory : dirname(project);
  return { PULUMI_BACKEND_URL: `${FILE}${resolve(base, path)}` };
}

/** Pulumi.yaml in the directory or above, as Pulumi looks for it. */
export function findProject(directory: string): string | undefined {
  for (let current = resolve(directory); ; current = dirname(current)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml"]) if (existsSync(join(current, name))) return join(current, name);
    if (dirname(current) === current) return undefined;
  }
}

function backendOf(project: string | undefined): string | undefined {
  if (project === undefined) return undefined;
  const url: unknown = parse(readFileSync(project, "utf8"))?.backend?.url;
  return typeof url === "string" ? url : undefined;
}
