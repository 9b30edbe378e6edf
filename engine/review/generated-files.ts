import { posix } from "node:path";
import type { Project } from "../../model/project.ts";
import { terraformVariables } from "../../model/terraform-variables.ts";
import type { FileText } from "./commit-file.ts";

/** Files that are made from capacity files, and are in each commit that changes one. */
export interface GeneratedFiles {
  /** All of them: no program is judged by them, and none of them is anybody's hand. */
  readonly paths: ReadonlySet<string>;
  /** Those that go with a file. */
  with(path: string, text: string): readonly FileText[];
}

/** Terraform reads a file of such a name by itself, in the directory that it runs in. */
const VARIABLES = "capacity.auto.tfvars.json";

/** The files that a project asks for by `review.terraform`; none without it. */
export function generatedFiles({
  review: { terraform },
  workloads,
}: Pick<Project, "review" | "workloads">): GeneratedFiles {
  const directories =
    typeof terraform === "object"
      ? Object.entries(terraform)
      : terraform
        ? workloads.map(({ stack }) => [stack.name, stack.dir])
        : [];
  const variables = new Map(
    directories.map(([stack, directory]) => [`capacity/${stack}.yaml`, posix.join(directory, VARIABLES)]),
  );
  return {
    paths: new Set(variables.values()),
    with(path, text) {
      const file = variables.get(path);
      return file === undefined ? [] : [{ path: file, text: terraformVariables(text, path) }];
    },
  };
}
