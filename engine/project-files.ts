import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import cron from "node-cron";
import { type Catalogue, parseCatalogue } from "../model/catalogue.ts";
import { type Constraints, parseConstraints } from "../model/constraints.ts";
import { problemIn } from "../model/document.ts";
import { InputError } from "../model/input-error.ts";
import { type Project, parseProject } from "../model/project.ts";
import { PACKAGE } from "./package.ts";

/** A project as it lies on disk: the parsed file, where it is, and the constraints of each workload. */
export interface ProjectFiles {
  readonly file: string;
  /** Directory that relative paths in the project file start from. */
  readonly root: string;
  readonly project: Project;
  readonly constraints: ReadonlyMap<string, Constraints>;
  /** Catalogues of the workloads that have one. */
  readonly catalogues: ReadonlyMap<string, Catalogue>;
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
  const text = readInput(file);
  const project = parseProject(text, file);
  const wrong = (path: readonly PropertyKey[], expected: string, found: string) =>
    problemIn(text, file, path, { expected, found });
  if (!cron.validate(project.schedule))
    throw wrong(
      ["schedule"],
      "a cron expression such as * * * * *, with an optional seconds field first",
      project.schedule,
    );
  const ticks = project.season / project.step;
  if (!(ticks >= 4 && ticks <= 100_000 && Math.abs(ticks - Math.round(ticks)) < 1e-9 * ticks))
    throw wrong(
      ["step"],
      `a step that divides the season of ${project.season} s into 4 to 100000`,
      `${project.step} s`,
    );
  const constraints = new Map<string, Constraints>();
  const seen = new Set<string>();
  for (const [index, workload] of project.workloads.entries()) {
    if (seen.has(workload.name))
      throw wrong(["workloads", index, "name"], "a name of its own", `${workload.name}, a second time`);
    seen.add(workload.name);
    const path = resolve(root, workload.constraints);
    if (!existsSync(path)) throw wrong(["workloads", index, "constraints"], "a constraints file", `none at ${path}`);
    constraints.set(workload.name, parseConstraints(readInput(path), path));
  }
  for (const [index, { name, coldStart }] of project.workloads.entries())
    for (const like of coldStart?.like ?? [])
      if (like === name || !seen.has(like))
        throw wrong(["workloads", index, "coldStart", "like"], "names of other workloads of this project", like);
  const catalogues = loadCatalogues(project, root, wrong);
  return { file, root, project, constraints, catalogues, store: resolve(root, project.store.slice("sqlite:".length)) };
}

/** Catalogues that come along, by the name that the project file gives them. */
const SHIPPED = ["aws", "gcp", "azure"];

function loadCatalogues(
  { workloads }: Project,
  root: string,
  wrong: (path: readonly PropertyKey[], expected: string, found: string) => InputError,
): Map<string, Catalogue> {
  const read = new Map<string, Catalogue>();
  const found = new Map<string, Catalogue>();
  for (const [index, { name, catalogue }] of workloads.entries()) {
    if (catalogue === undefined) continue;
    const path = SHIPPED.includes(catalogue)
      ? join(PACKAGE.root, "engine", "orchestrator", "catalogue", `${catalogue}.yaml`)
      : resolve(root, catalogue);
    if (!existsSync(path))
      throw wrong(["workloads", index, "catalogue"], `${SHIPPED.join(", ")} or a catalogue file`, `none at ${path}`);
    const parsed = read.get(path) ?? parseCatalogue(readInput(path), path);
    read.set(path, parsed);
    found.set(name, parsed);
  }
  return found;
}

const FOUND: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "a directory",
  EACCES: "one that this user may not read",
};

/** The text of a file that a person wrote. @throws InputError when it cannot be read */
export function readInput(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(file, [
      { path: "", expected: "a readable file", found: (code && FOUND[code]) ?? code ?? String(error) },
    ]);
  }
}
