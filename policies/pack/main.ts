import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PolicyPack, type ResourceValidationArgs, type ResourceValidationPolicy } from "@pulumi/policy";
import { POLICY_SUBJECT_VARIABLE, type PolicySubject } from "../../model/policy-subject.ts";
import {
  dataIsKept,
  dataIsNotDeleted,
  onlyItsWorkload,
  replicasWithinBounds,
  tagsArePresent,
  type WantedResource,
} from "./rules.ts";

/**
 * The policy pack of changes of capacity. Pulumi's engine starts it through the executable beside it, and the engine of Foreshadow tells it what
 * the change is about in a file. All its policies are mandatory: a violation refuses the change.
 */
const file = process.env[POLICY_SUBJECT_VARIABLE];
if (file === undefined)
  throw new Error(
    `expected ${POLICY_SUBJECT_VARIABLE}, which the engine sets: this pack judges the engine's changes alone`,
  );
const subject = JSON.parse(readFileSync(file, "utf8")) as PolicySubject;

const wanted = ({ urn, type, name, props }: ResourceValidationArgs): WantedResource => ({
  urn,
  type,
  name,
  inputs: props,
});

function each(
  name: string,
  description: string,
  rule: (subject: PolicySubject, resource: WantedResource) => string[],
): ResourceValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: (args, report) => {
      if (args.type === "pulumi:pulumi:Stack" || args.type.startsWith("pulumi:providers:")) return;
      for (const text of rule(subject, wanted(args))) report(text);
    },
  };
}

// The SDK takes the pack's version from the package.json of the working directory: ours, which is above.
let root = dirname(fileURLToPath(import.meta.url));
while (!existsSync(join(root, "package.json"))) root = dirname(root);
process.chdir(root);

new PolicyPack("foreshadow", {
  policies: [
    each("replicas-within-bounds", "Numbers of replicas lie within the workload's constraints.", replicasWithinBounds),
    each("data-is-kept", "What holds data is changed in place only, and does not shrink.", dataIsKept),
    each("only-its-workload", "A change of capacity changes its workload's resources alone.", onlyItsWorkload),
    each("required-tags", "Changed resources have the tags that the project requires.", tagsArePresent),
    {
      name: "data-is-not-deleted",
      description: "Nothing that holds data is deleted.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        for (const text of dataIsNotDeleted(subject, new Set(resources.map(({ urn }) => urn)))) report(text);
      },
    },
  ],
});
