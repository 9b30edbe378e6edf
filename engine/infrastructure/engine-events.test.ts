import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { readErrors, readPreview } from "./engine-events.ts";

type Properties = Record<string, unknown>;
const urn = (name: string, type = "local:index:WorkerPool") => `urn:pulumi:dev::demo::${type}::${name}`;

/** A step as Pulumi 3.259 tells it, with what the reader does not look at left away. */
function step(op: OpType, name: string, old?: Properties, next?: Properties, rest: Partial<StepEventMetadata> = {}) {
  const type = rest.type ?? "local:index:WorkerPool";
  const side = (inputs: Properties) => ({
    type,
    urn: urn(name, type),
    id: name,
    parent: "",
    provider: "",
    inputs,
    outputs: { ...inputs, ready: 1 },
  });
  const metadata = {
    op,
    urn: urn(name, type),
    type,
    provider: "",
    ...(old && { old: side(old) }),
    ...(next && { new: side(next) }),
    ...rest,
  } as StepEventMetadata;
  return metadata;
}
let sequence = 0;
const event = (content: Partial<EngineEvent>): EngineEvent => ({ sequence: sequence++, timestamp: 0, ...content });
const planned = (metadata: StepEventMetadata) => event({ resourcePreEvent: { metadata, planning: true } });
const read = (metadata: StepEventMetadata) => event({ resOutputsEvent: { metadata, planning: true } });

describe("the events of a preview", () => {
  it("give each changed property with its value before and after", () => {
    const { changes } = readPreview([
      planned(
        step(
          "update",
          "web",
          { count: 2, plan: [{ floor: 2 }] },
          { count: 4, plan: [{ floor: 5 }] },
          {
            detailedDiff: {
              count: { diffKind: "update", inputDiff: true },
              "plan[0].floor": { diffKind: "update", inputDiff: true },
            } as unknown as StepEventMetadata["detailedDiff"],
          },
        ),
      ),
    ]);
    assert.deepEqual(
      changes.map(({ resource, operation, property, before, after }) => [resource, operation, property, before, after]),
      [
        ["web", "update", "count", 2, 4],
        ["web", "update", "plan[0].floor", 2, 5],
      ],
    );
  });

  it("without detail from the provider, the inputs tell what differs", () => {
    const { changes } = readPreview([planned(step("update", "web", { count: 2, cpu: 1 }, { count: 4, cpu: 1 }))]);
    assert.deepEqual(
      changes.map(({ property, before, after }) => [property, before, after]),
      [["count", 2, 4]],
    );
  });

  it("a replacement is one change, not the steps that carry it out", () => {
    const [old, next] = [{ size: 2 }, { size: 1 }];
    const steps = (["delete-replaced", "replace", "create-replacement"] as const).map((op) =>
      planned(step(op, "data", old, next)),
    );
    assert.deepEqual(
      readPreview(steps).changes.map(({ operation, property }) => [operation, property]),
      [["replace", "size"]],
    );
  });

  it("creation and deletion are changes of the whole resource", () => {
    const { changes } = readPreview([
      planned(step("create", "new", undefined, { count: 1 })),
      planned(step("delete", "old", { count: 1 })),
    ]);
    assert.deepEqual(
      changes.map(({ resource, operation, property }) => [resource, operation, property]),
      [
        ["new", "create", ""],
        ["old", "delete", ""],
      ],
    );
  });

  it("drift is what the refresh finds in inputs; what a provider only reports is none", () => {
    const refreshed = step("refresh", "web", { count: 2 }, { count: 9 });
    const reported = step("refresh", "other", { count: 1 }, { count: 1 });
    (reported.new as { outputs: Properties }).outputs = { count: 1, ready: 0 };
    const { drift, present } = readPreview([
      read(refreshed),
      read(reported),
      read(step("refresh", "gone", { count: 1 })),
    ]);
    assert.deepEqual(
      drift.map(({ resource, operation, property, before, after }) => [resource, operation, property, before, after]),
      [
        ["gone", "delete", "", { count: 1 }, undefined],
        ["web", "update", "count", 2, 9],
      ],
    );
    assert.deepEqual(
      present.map(({ name, inputs }) => [name, inputs.count]),
      [
        ["other", 1],
        ["web", 9],
      ],
    );
  });

  it("stack, providers and the engine's own bookkeeping do not show", () => {
    const { changes, drift } = readPreview([
      planned(step("update", "demo-dev", {}, { a: 1 }, { type: "pulumi:pulumi:Stack" })),
      planned(step("update", "default", { version: 1 }, { version: 2 }, { type: "pulumi:providers:local" })),
      read(step("refresh", "web", { count: 2, __defaults: [] }, { count: 2, __defaults: ["count"] })),
    ]);
    assert.deepEqual([changes, drift], [[], []]);
  });

  it("only mandatory policies are violated", () => {
    const policy = (enforcementLevel: "mandatory" | "advisory") =>
      event({
        policyEvent: {
          message: "<{%fg 1%}>too many replicas<{%reset%}>\n",
          color: "never",
          policyName: "bounds",
          policyPackName: "foreshadow",
          policyPackVersion: "1",
          policyPackVersionTag: "1",
          enforcementLevel: enforcementLevel as "mandatory",
        },
      });
    assert.deepEqual(readPreview([policy("mandatory"), policy("advisory")]).policyViolations, [
      "foreshadow/bounds: too many replicas",
    ]);
  });

  it("errors name the resource", () => {
    const diagnostic = { urn: urn("web"), message: "no room\n", color: "never", severity: "error" } as const;
    assert.deepEqual(readErrors([event({ diagnosticEvent: diagnostic })]), ["web: no room"]);
  });
});
