import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PolicyPack, type ResourceValidationArgs, type ResourceValidationPolicy } from "@pulumi/policy";
import { type PolicySubject, UNKNOWN } from "../../model/policy-subject.ts";
import {
  blastRadiusIsBounded,
  dataIsKept,
  dataIsNotDeleted,
  growthIsBounded,
  isChanged,
  nameOf,
  onlyItsWorkload,
  priceWithinBudget,
  replicasWithinBounds,
  tagsArePresent,
  typesAllowed,
  type WantedResource,
} from "./rules.ts";
import { readSubjects, type Subjects } from "./subjects.ts";

/**
 * The policy pack of capacity. Pulumi's engine starts it through the executable beside it. For a change of Foreshadow's own its engine tells what the
 * change is about in a file; a person's own update is judged by the project's constraints. All its policies are mandatory: a violation
 * refuses the update.
 */
const directory = process.cwd();

/** What the program asks for, as far as it has been seen in this update. */
const asked = new Map<string, WantedResource>();
let known: Subjects | undefined;

/** The stack is in each name that Pulumi gives: `urn:pulumi:STACK::PROJECT::TYPE::NAME`. */
function subjectsFor(urn: string): Subjects {
  known ??= readSubjects(directory, urn.split(":")[2]);
  return known;
}

const wanted = ({ urn, type, name, props }: ResourceValidationArgs): WantedResource => ({
  urn,
  type,
  name,
  inputs: plain(props) as WantedResource["inputs"],
});

/** A copy in which what is not known before the update is marked: the SDK throws where it is read. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).map((key) => {
    try {
      return [key, plain((value as Record<string, unknown>)[key])] as const;
    } catch (error) {
      if ((error as Error).constructor.name !== "UnknownValueError") throw error;
      return [key, UNKNOWN] as const;
    }
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

function each(
  name: string,
  description: string,
  rule: (subject: PolicySubject, resource: WantedResource) => string[],
  applies: (subjects: Subjects) => boolean = () => true,
): ResourceValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: (args, report) => {
      if (args.type === "pulumi:pulumi:Stack" || args.type.startsWith("pulumi:providers:")) return;
      const subjects = subjectsFor(args.urn);
      const resource = wanted(args);
      asked.set(resource.urn, resource);
      if (!applies(subjects)) return;
      for (const subject of subjects.of(resource.name)) for (const text of rule(subject, resource)) report(text);
    },
  };
}

/**
 * A rule of all resources of the workload together, asked at each of them: with what has been seen of the update so far, and the rest as it is
 * deployed. A policy of the whole stack would be asked when all has been changed, where an update has no preview.
 */
function together(rule: (subject: PolicySubject, all: WantedResource[]) => string[]) {
  return (subject: PolicySubject, resource: WantedResource): string[] => {
    if (!isChanged(subject, resource)) return [];
    const rest = subject.deployed.filter(({ urn }) => !asked.has(urn));
    return rule(subject, [...asked.values(), ...rest.map((one) => ({ ...one, name: nameOf(one.urn) }))]);
  };
}

function whole(name: string, description: string, rule: (subject: PolicySubject, all: WantedResource[]) => string[]) {
  return {
    name,
    description,
    enforcementLevel: "mandatory" as const,
    validateStack: ({ resources }: { resources: readonly { urn: string }[] }, report: (text: string) => void): void => {
      const urns = new Set(resources.map(({ urn }) => urn));
      const [urn] = urns;
      if (urn === undefined) return;
      const all = [...asked.values()].filter((resource) => urns.has(resource.urn));
      for (const subject of subjectsFor(urn).all) for (const text of rule(subject, all)) report(text);
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
    each("instances-allowed", "Instance types are among those that the constraints allow.", typesAllowed),
    each("data-is-kept", "What holds data is changed in place only, and does not shrink.", dataIsKept),
    each("disk-growth", "A disk grows by no more at once than the constraints allow.", growthIsBounded),
    each(
      "only-its-workload",
      "A change of capacity changes its workload's resources alone.",
      onlyItsWorkload,
      ({ engine }) => engine,
    ),
    each("required-tags", "Changed resources have the tags that the project requires.", tagsArePresent),
    each("price-within-budget", "The workload costs no more than its constraints cap.", together(priceWithinBudget)),
    each("blast-radius", "One update changes no more than the constraints allow.", together(blastRadiusIsBounded)),
    whole("blast-radius-deletions", "What an update deletes counts as changed.", blastRadiusIsBounded),
    whole("data-is-not-deleted", "Nothing that holds data is deleted.", (subject, all) =>
      dataIsNotDeleted(subject, new Set(all.map(({ urn }) => urn))),
    ),
  ],
});
