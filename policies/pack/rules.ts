import { isBound } from "../../model/bound-resources.ts";
import { type DeployedResource, HIDDEN, type PolicySubject } from "../../model/policy-subject.ts";
import { isStorage } from "../../model/resource-kinds.ts";
import { parseBytes } from "../../model/units.ts";

/** A resource as the program asks for it. */
export interface WantedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [key: string]: unknown };
}

type Inputs = WantedResource["inputs"];

/** Where the targets keep a number of replicas: a path of property names, `[]` for each element of a list. */
const REPLICA_PROPERTIES = [
  "count",
  "replicas",
  "plan.[].floor",
  "desiredCapacity",
  "desiredCount",
  "minSize",
  "maxSize",
  "minCapacity",
  "maxCapacity",
  "targetSize",
  "autoscalingPolicy.minReplicas",
  "autoscalingPolicy.maxReplicas",
  "autoscalingPolicy.scalingSchedules.[].minRequiredReplicas",
  "sku.capacity",
  "profiles.[].capacity.minimum",
  "profiles.[].capacity.maximum",
].map((path) => path.split("."));

/** What storage changes while it is in use; any other difference may replace it, and its data with it. */
const CHANGEABLE = new Set([
  "size",
  "diskSizeGb",
  "diskSizeGB",
  "allocatedStorage",
  "iops",
  "throughput",
  "provisionedIops",
  "provisionedThroughput",
]);
const GROWS_ONLY = /size|allocatedStorage/i;
const FREE = new Set(["tags", "tagsAll", "labels"]);

/** Every number of replicas in a resource that the change touches lies within the constraints. Text that reads as a number counts as one. */
export function replicasWithinBounds(subject: PolicySubject, resource: WantedResource): string[] {
  if (isStorage(resource.type) || !isChanged(subject, resource)) return [];
  const { min, max } = subject.replicas;
  return REPLICA_PROPERTIES.flatMap((path) =>
    figuresAt(resource.inputs, path)
      .filter((found) => found < min || found > max)
      .map(
        (found) =>
          `${resource.name}: ${path.join(".").replaceAll(".[]", "[]")}: expected ${min} to ${max} replicas, as the constraints of ${subject.workload} say, found ${found}`,
      ),
  );
}

/** What holds data is changed only where that can be done in place, and never shrinks. */
export function dataIsKept(subject: PolicySubject, resource: WantedResource): string[] {
  const before = deployedAs(subject, resource.urn);
  if (before === undefined || !isStorage(resource.type)) return [];
  return differences(before.inputs, resource.inputs).flatMap((key) => {
    if (FREE.has(key)) return [];
    const [was, is] = [before.inputs[key], resource.inputs[key]];
    if (!CHANGEABLE.has(key))
      return [`${resource.name}: ${key} of what holds data would change, which may replace it; do that by hand`];
    const shrinks = GROWS_ONLY.test(key) && !(bytesOf(is) >= bytesOf(was));
    return shrinks
      ? [`${resource.name}: ${key}: expected at least ${was}, since it holds data, found ${is ?? "none"}`]
      : [];
  });
}

/** Nothing that holds data goes. @param urns of all resources that the program asks for */
export function dataIsNotDeleted({ deployed }: PolicySubject, urns: ReadonlySet<string>): string[] {
  return deployed
    .filter(({ urn, type }) => isStorage(type) && !urns.has(urn))
    .map(({ urn, type }) => `${nameOf(urn)} (${type}) holds data and would be deleted; do that by hand`);
}

/** A change of a workload's capacity changes that workload's resources. */
export function onlyItsWorkload(subject: PolicySubject, resource: WantedResource): string[] {
  if (!isChanged(subject, resource) || isBound(subject.bound, resource.name)) return [];
  return [`${resource.name} (${resource.type}) is not of the workload ${subject.workload}, whose capacity is changed`];
}

/** Changed resources that can have tags or labels have those that are required. */
export function tagsArePresent(subject: PolicySubject, resource: WantedResource): string[] {
  const { tags, labels } = resource.inputs;
  const present = tags ?? labels;
  if (typeof present !== "object" || present === null || !isChanged(subject, resource)) return [];
  const missing = subject.requiredTags.filter((tag) => !(present as Inputs)[tag]);
  return missing.length > 0 ? [`${resource.name}: expected the tags ${missing.join(", ")}, found none`] : [];
}

function isChanged(subject: PolicySubject, { urn, inputs }: WantedResource): boolean {
  const before = deployedAs(subject, urn);
  return before === undefined || differences(before.inputs, inputs).length > 0;
}

function deployedAs({ deployed }: PolicySubject, urn: string): DeployedResource | undefined {
  return deployed.find((resource) => resource.urn === urn);
}

/** The properties whose values differ. A hidden value is equal to any: what it was cannot be told. */
function differences(before: Inputs, after: Inputs): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !key.startsWith("__"));
  return keys.filter((key) => !isSame(before[key], after[key]));
}

function isSame(before: unknown, after: unknown): boolean {
  if (before === HIDDEN) return true;
  if (typeof before !== "object" || before === null || typeof after !== "object" || after === null)
    return before === after;
  if (Array.isArray(before) !== Array.isArray(after)) return false;
  return differences(before as Inputs, after as Inputs).length === 0;
}

/** The numbers at a path. */
function figuresAt(value: unknown, [key, ...rest]: readonly string[]): number[] {
  if (key === undefined) {
    const figure = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof figure === "number" && Number.isFinite(figure) ? [figure] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  if (key === "[]") return Array.isArray(value) ? value.flatMap((item) => figuresAt(item, rest)) : [];
  return figuresAt((value as Inputs)[key], rest);
}

/** A size to compare: a number, or a text as `20GiB`. */
function bytesOf(size: unknown): number {
  return typeof size === "string" ? (parseBytes(size) ?? Number(size)) : typeof size === "number" ? size : Number.NaN;
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
