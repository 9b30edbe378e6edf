import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { deployedResources } from "../../engine/infrastructure/checkpoint.ts";
import { policyGround } from "../../engine/infrastructure/policy-packs.ts";
import { locatePulumi } from "../../engine/infrastructure/pulumi-command.ts";
import { findProject, loadProject } from "../../engine/project-files.ts";
import { isBound } from "../../model/bound-resources.ts";
import { POLICY_SUBJECT_VARIABLE, type PolicySubject } from "../../model/policy-subject.ts";

/** Who has asked for the update, and by what each resource is judged. */
export interface Subjects {
  /** A change of the engine's: one workload's capacity, and nothing else. */
  readonly engine: boolean;
  readonly all: readonly PolicySubject[];
  /** Those that a resource is judged by. */
  of(name: string): readonly PolicySubject[];
}

/**
 * What is judged: with the engine the change that it tells of in a file, else a person's own update. Then the constraints are those that the project
 * file names, from the directory upward, and what is deployed is what Pulumi's state says.
 *
 * @param directory of the program
 * @throws InputError, Error when there is no project, or the state cannot be read
 */
export function readSubjects(directory: string, stack: string, environment = process.env): Subjects {
  const file = environment[POLICY_SUBJECT_VARIABLE];
  if (file !== undefined) {
    const subject = JSON.parse(readFileSync(file, "utf8")) as PolicySubject;
    return { engine: true, all: [subject], of: () => [subject] };
  }
  const files = loadProject(findProject(environment.FORESHADOW_PROJECT, directory));
  const here = relative(files.root, resolve(directory)) || ".";
  const workloads = files.project.workloads.filter(
    (one) => one.stack.name === stack && (relative(".", one.stack.dir) || ".") === here,
  );
  const deployed = workloads.length === 0 ? [] : stateOf(directory, stack, environment);
  const all = workloads.map(({ name }) => ({ ...policyGround(files, name), deployed }));
  return { engine: false, all, of: (name) => all.filter(({ bound }) => isBound(bound, name)) };
}

/** Secrets are hidden. A stack that has never been brought up has nothing deployed. */
function stateOf(directory: string, stack: string, environment: NodeJS.ProcessEnv): PolicySubject["deployed"] {
  const text = execFileSync(locatePulumi(environment), ["stack", "export", "--stack", stack, "--non-interactive"], {
    cwd: directory,
    env: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
    encoding: "utf8",
    maxBuffer: 512 * 1024 ** 2,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return deployedResources(JSON.parse(text));
}
