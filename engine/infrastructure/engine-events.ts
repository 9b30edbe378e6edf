import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import type { PropertyChange } from "../../model/changeset.ts";
import { differingPaths, valueAt } from "../../model/property-path.ts";
import type { Preview, ResourceState } from "../orchestrator/change/infrastructure.port.ts";

type Properties = Record<string, unknown>;

/**
 * What the events of a `preview --refresh` say. Pure.
 *
 * The engine first refreshes (`resOutputsEvent` of operation `refresh`: the state's resource as `old`, the world's as `new`), then plans
 * (`resourcePreEvent` of each step). Secrets are already `[secret]` in events.
 */
export function readPreview(events: readonly EngineEvent[]): Omit<Preview, "stateDigest" | "seconds"> {
  const present = new Map<string, ResourceState>();
  const planned = new Map<string, ResourceState>();
  const changes: PropertyChange[] = [];
  const drift: PropertyChange[] = [];
  const policyViolations: string[] = [];
  for (const event of events) {
    const { resOutputsEvent: outputs, resourcePreEvent: pre, policyEvent: policy } = event;
    if (policy?.enforcementLevel === "mandatory")
      policyViolations.push(`${policy.policyPackName}/${policy.policyName}: ${plain(policy.message)}`);
    if (outputs && isManaged(outputs.metadata)) {
      if (outputs.metadata.op === "refresh") {
        drift.push(...driftOf(outputs.metadata));
        if (outputs.metadata.new) present.set(outputs.metadata.urn, stateOf(outputs.metadata, "new"));
      } else if (outputs.metadata.new && planned.has(outputs.metadata.urn)) {
        planned.set(outputs.metadata.urn, stateOf(outputs.metadata, "new"));
      }
    }
    if (pre && isManaged(pre.metadata) && pre.metadata.op !== "refresh") {
      changes.push(...changesOf(pre.metadata));
      if (pre.metadata.new && pre.metadata.op !== "delete") planned.set(pre.metadata.urn, stateOf(pre.metadata, "new"));
    }
  }
  return {
    changes: changes.sort(byPlace),
    drift: drift.sort(byPlace),
    resources: [...planned.values()].sort(byUrn),
    present: [...present.values()].sort(byUrn),
    policyViolations,
  };
}

/** The errors among the events, one text each, as the provider and the program worded them. */
export function readErrors(events: readonly EngineEvent[]): string[] {
  return events.flatMap(({ diagnosticEvent: diagnostic }) =>
    diagnostic?.severity === "error"
      ? [plain(`${diagnostic.urn ? `${nameOf(diagnostic.urn)}: ` : ""}${diagnostic.message}`)]
      : [],
  );
}

/** Stack and providers belong to the engine, not to the program's resources. */
function isManaged({ type }: StepEventMetadata): boolean {
  return type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:");
}

function changesOf(metadata: StepEventMetadata): PropertyChange[] {
  const operation = operationOf(metadata.op);
  if (operation === undefined) return [];
  const [before, after] = [visible(metadata.old?.inputs), visible(metadata.new?.inputs)];
  const place = { urn: metadata.urn, type: metadata.type, resource: nameOf(metadata.urn), operation };
  if (operation === "create") return [{ ...place, property: "", after }];
  if (operation === "delete") return [{ ...place, property: "", before }];
  const properties = Object.keys(metadata.detailedDiff ?? {});
  const paths = properties.length > 0 ? properties : differingPaths(before, after);
  if (paths.length === 0) return [{ ...place, property: "", before, after }];
  return paths.map((property) => ({
    ...place,
    property,
    before: valueAt(before, property) ?? valueAt(metadata.old?.outputs, property),
    after: valueAt(after, property),
  }));
}

/** `replace` stands for the pair that carries it out, `create-replacement` and `delete-replaced`. */
function operationOf(op: string): PropertyChange["operation"] | undefined {
  switch (op) {
    case "create":
    case "import":
      return "create";
    case "update":
    case "replace":
    case "delete":
      return op;
    default:
      return undefined;
  }
}

/** A resource's inputs drift; what its outputs report (ready replicas, addresses) comes and goes by itself. */
function driftOf(metadata: StepEventMetadata): PropertyChange[] {
  const place = { urn: metadata.urn, type: metadata.type, resource: nameOf(metadata.urn) };
  const before = visible(metadata.old?.inputs);
  if (!metadata.new) return [{ ...place, operation: "delete", property: "", before }];
  const after = visible(metadata.new.inputs);
  return differingPaths(before, after).map((property) => ({
    ...place,
    operation: "update",
    property,
    before: valueAt(before, property),
    after: valueAt(after, property),
  }));
}

function stateOf(metadata: StepEventMetadata, side: "old" | "new"): ResourceState {
  return {
    urn: metadata.urn,
    type: metadata.type,
    name: nameOf(metadata.urn),
    inputs: visible(metadata[side]?.inputs),
    outputs: visible(metadata[side]?.outputs),
  };
}

/** Without the engine's own bookkeeping (`__defaults` and the like). */
function visible(properties: Properties | undefined): Properties {
  return Object.fromEntries(Object.entries(properties ?? {}).filter(([key]) => !key.startsWith("__")));
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** Without colour directives and the white space around. */
function plain(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "").trim();
}

function byUrn(a: ResourceState, b: ResourceState): number {
  return a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0;
}

function byPlace(a: PropertyChange, b: PropertyChange): number {
  const [left, right] = [`${a.urn} ${a.property}`, `${b.urn} ${b.property}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
