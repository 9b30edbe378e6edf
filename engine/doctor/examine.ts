import { loadProject, type ProjectFiles } from "../project-files.ts";
import type { Finding } from "./finding.ts";
import { examineMachine } from "./machine.ts";
import { examineProject } from "./project.ts";
import { examineTools } from "./tools.ts";

/**
 * Looks at the machine and, where there is one, at the project.
 *
 * @param file the project file; `undefined` without one
 */
export async function examine(file: string | undefined): Promise<Finding[]> {
  const findings = [...(await examineTools()), ...examineMachine()];
  if (file === undefined)
    return [...findings, { what: "project", state: "degraded", text: "none here; write one with `foreshadow init`" }];
  let files: ProjectFiles;
  try {
    files = loadProject(file);
  } catch (error) {
    return [...findings, { what: "project", state: "failed", text: (error as Error).message }];
  }
  return [...findings, ...(await examineProject(files))];
}
