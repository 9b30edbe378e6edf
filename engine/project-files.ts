import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Constraints, parseConstraints } from "../model/constraints.ts";
import { InputError } from "../model/input-error.ts";
import { type Project, parseProject } from "../model/project.ts";

/** A project as it lies on disk: the parsed file, where it is, and the constraints of each workload. */
export interface ProjectFiles {
  readonly file: string;
  /** Directory that relative paths in the project file start from. */
  readonly root: string;
  readonly project: Project;
  readonly constraints: ReadonlyMap<string, Constraints>;
  /** Directory of the stores. */
  readonly store: string;
}

/**
 * Finds the project file: the given one, or `foreshadow.yaml` in the directory or one above it.
 *
 * @throws InputError when there is none
 */
export function findProject(given: string | undefined, from: string): string {
  if (given !== undefined) return resolve(from, given);
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const file = join(directory, "foreshadow.yaml");
    if (existsSync(file)) return file;
    if (directory === dirname(directory)) break;
  }
  throw new InputError(join(from, "foreshadow.yaml"), [
    {
      path: "",
      expected: "a project file here or in a directory above (write one with `foreshadow init`)",
      found: "none",
    },
  ]);
}

/**
 * Reads the project file and the constraint files it names.
 *
 * @throws InputError with file, line, path and what was expected
 */
export function loadProject(file: string): ProjectFiles {
  const root = dirname(file);
  const project = parseProject(readInput(file), file);
  const constraints = new Map<string, Constraints>();
  const seen = new Set<string>();
  for (const [index, workload] of project.workloads.entries()) {
    if (seen.has(workload.name))
      throw new InputError(file, [
        { path: `workloads.${index}.name`, expected: "a name of its own", found: `${workload.name}, a second time` },
      ]);
    seen.add(workload.name);
    const path = resolve(root, workload.constraints);
    constraints.set(workload.name, parseConstraints(readInput(path), path));
  }
  for (const [index, { name, coldStart }] of project.workloads.entries())
    for (const like of coldStart?.like ?? [])
      if (like === name || !seen.has(like))
        throw new InputError(file, [
          {
            path: `workloads.${index}.coldStart.like`,
            expected: "names of other workloads of this project",
            found: like,
          },
        ]);
  return { file, root, project, constraints, store: resolve(root, project.store.slice("sqlite:".length)) };
}

/** The text of a file that a person wrote. @throws InputError when it cannot be read */
export function readInput(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(file, [
      { path: "", expected: "a readable file", found: code === "ENOENT" ? "no such file" : (code ?? String(error)) },
    ]);
  }
}
