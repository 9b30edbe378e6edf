import { isBound, matchesName } from "../../model/bound-resources.ts";
import { type DeployedResource, HIDDEN, type PolicySubject, UNKNOWN } from "../../model/policy-subject.ts";
import { isSchedule, isStorage } from "../../model/resource-kinds.ts";
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

/** Where the targets keep the least number of replicas that run: what is certainly paid for. */
const LEAST_PROPERTIES = [
  "count",
  "replicas",
  "minSize",
  "minCapacity",
  "targetSize",
  "autoscalingPolicy.minReplicas",
  "autoscalingPolicy.scalingSchedules.[].minRequiredReplicas",
  "sku.capacity",
  "profiles.[].capacity.minimum",
].map((path) => path.split("."));

/** Where the targets keep an instance type; of storage `sku.name` is something else. */
const TYPE_PROPERTIES = ["instanceType", "machineType", "sku.name"].map((path) => path.split("."));

const GIB = 1024 ** 3;

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
  "diskIOPSReadWrite",
  "diskMBpsReadWrite",
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

/** Instance types are among those that the constraints allow. A type that is a path, as Compute Engine has them, counts by its last part. */
export function typesAllowed(subject: PolicySubject, resource: WantedResource): string[] {
  const { instances } = subject.limits;
  if (instances.length === 0 || isStorage(resource.type) || !isChanged(subject, resource)) return [];
  return typesIn(resource)
    .filter((type) => !matchesName(instances, type))
    .map(
      (type) =>
        `${resource.name}: expected an instance type of ${instances.join(", ")}, as the constraints of ${subject.workload} say, found ${type}`,
    );
}

/** A disk grows by no more at once than the constraints allow: what has grown does not shrink again. */
export function growthIsBounded(subject: PolicySubject, resource: WantedResource): string[] {
  const before = deployedAs(subject, resource.urn);
  const { diskGrowth } = subject.limits;
  if (before === undefined || diskGrowth === undefined || !isStorage(resource.type)) return [];
  return differences(before.inputs, resource.inputs).flatMap((key) => {
    if (!GROWS_ONLY.test(key)) return [];
    const [was, is] = [bytesOf(before.inputs[key]), bytesOf(resource.inputs[key])];
    return is > was * (1 + diskGrowth)
      ? [
          `${resource.name}: ${key}: expected at most ${Math.floor(was * (1 + diskGrowth))}, ${Math.round(100 * diskGrowth)} % more than it is, found ${resource.inputs[key]}`,
        ]
      : [];
  });
}

/** The workload does not cost more than its constraints cap: the least replicas that run, of the type that they are, and its disks. */
export function priceWithinBudget(subject: PolicySubject, all: readonly WantedResource[]): string[] {
  const { budget, prices, bound, workload } = subject;
  const own = all.filter(({ name }) => isBound(bound, name));
  if (budget === undefined || !own.some((resource) => isChanged(subject, resource))) return [];
  const machines = own.filter(({ type }) => !isStorage(type));
  const least = Math.max(
    0,
    ...machines.flatMap(({ inputs }) => LEAST_PROPERTIES.flatMap((path) => figuresAt(inputs, path))),
  );
  const known = machines.flatMap(typesIn).flatMap((type) => prices.types[type] ?? []);
  const each = known.length > 0 ? Math.max(...known) : prices.replica;
  if (each === undefined) return [];
  const disks = own.filter(({ type }) => isStorage(type)).reduce((sum, { inputs }) => sum + gibibytesOf(inputs), 0);
  const price = least * each + disks * (prices.diskGib ?? 0);
  return price > budget + 1e-9
    ? [
        `${workload}: expected at most ${budget} USD/h, as its constraints say, found ${Number(price.toFixed(4))} for at least ${least} replicas and ${disks} GiB of disks`,
      ]
    : [];
}

/** One update changes no more resources of the workload than its constraints allow. Steps of a plan come and go. */
export function blastRadiusIsBounded(subject: PolicySubject, all: readonly WantedResource[]): string[] {
  const { limits, bound, workload, deployed } = subject;
  const counts = ({ type, name }: { type: string; name: string }) => !isSchedule(type) && isBound(bound, name);
  const wanted = new Set(all.map(({ urn }) => urn));
  const changed = all.filter((resource) => counts(resource) && isChanged(subject, resource)).map(({ name }) => name);
  const gone = deployed
    .map(({ urn, type }) => ({ urn, type, name: nameOf(urn) }))
    .filter((resource) => !wanted.has(resource.urn) && counts(resource));
  const names = [...changed, ...gone.map(({ name }) => name)];
  if (limits.changes === undefined || names.length <= limits.changes || deployed.length === 0) return [];
  return [
    `${workload}: expected at most ${limits.changes} of its resources to change at once, found ${names.length}: ${names.slice(0, 10).join(", ")}`,
  ];
}

function typesIn({ type, inputs }: WantedResource): string[] {
  if (isStorage(type)) return [];
  return TYPE_PROPERTIES.flatMap((path) => textsAt(inputs, path)).map((text) => text.slice(text.lastIndexOf("/") + 1));
}

/** A disk's size: of the clouds' disks a number of GiB, else a text with its unit. */
function gibibytesOf(inputs: Inputs): number {
  const size = inputs.size ?? inputs.diskSizeGB ?? inputs.diskSizeGb;
  if (typeof size === "number") return size;
  const bytes = bytesOf(size);
  return Number.isFinite(bytes) ? bytes / GIB : 0;
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

/** Whether the update touches a resource. */
export function isChanged(subject: PolicySubject, { urn, inputs }: WantedResource): boolean {
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
function figuresAt(inputs: Inputs, path: readonly string[]): number[] {
  return valuesAt(inputs, path).flatMap((value) => {
    const figure = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof figure === "number" && Number.isFinite(figure) ? [figure] : [];
  });
}

function textsAt(inputs: Inputs, path: readonly string[]): string[] {
  return valuesAt(inputs, path).filter((value): value is string => typeof value === "string" && value !== UNKNOWN);
}

function valuesAt(value: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (key === undefined) return [value];
  if (typeof value !== "object" || value === null) return [];
  if (key === "[]") return Array.isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : [];
  return valuesAt((value as Inputs)[key], rest);
}

/** A size to compare: a number, or a text as `20GiB`. */
function bytesOf(size: unknown): number {
  return typeof size === "string" ? (parseBytes(size) ?? Number(size)) : typeof size === "number" ? size : Number.NaN;
}

/** The name in `urn:pulumi:STACK::PROJECT::TYPE::NAME`. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
