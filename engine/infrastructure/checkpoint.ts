import { createHash, createHmac } from "node:crypto";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { HIDDEN, type PolicySubject } from "../../model/policy-subject.ts";
import type { ResourceState } from "../orchestrator/change/infrastructure.port.ts";

/** Pulumi's mark of a secret value in a deployment. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

type Properties = { [key: string]: unknown };

/** A resource in an exported deployment, as far as it is looked at here. */
interface DeployedResource extends Properties {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
}

function resourcesOf({ deployment }: Deployment): DeployedResource[] {
  return deployment?.resources ?? [];
}

/**
 * Digest of what is recorded: {urn, type, id, inputs, outputs} of every resource, and operations that were cut short. Secrets count by a
 * keyed hash, since their encrypted form differs from one update to the next.
 */
export function stateDigest(exported: Deployment, maskKey: Buffer): string {
  const rows = resourcesOf(exported).map(({ urn, type, id, inputs, outputs }) => ({ urn, type, id, inputs, outputs }));
  rows.sort((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
  const pending = (exported.deployment?.pending_operations ?? []).map(
    ({ resource, type }: { resource: DeployedResource; type: string }) => [resource.urn, type],
  );
  const text = JSON.stringify({ rows, pending }, (_, value) => canonical(maskSecret(value, maskKey)));
  return createHash("sha256").update(text).digest("hex");
}

function isSecret(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && (value as Properties)[SIGNATURE] === SECRET;
}

function maskSecret(value: unknown, key: Buffer): unknown {
  if (!isSecret(value)) return value;
  const { plaintext, ciphertext } = value;
  return {
    secret: createHmac("sha256", key)
      .update(String(plaintext ?? ciphertext))
      .digest("hex"),
  };
}

/** The values of an exported state that are secret, in plain text. */
export function secretsOf(exported: Deployment): unknown[] {
  const found: unknown[] = [];
  JSON.stringify(exported.deployment ?? null, (_, value) => {
    if (!isSecret(value) || typeof value.plaintext !== "string") return value;
    found.push(parsed(value.plaintext));
    return null;
  });
  return found;
}

function parsed(plaintext: string): unknown {
  try {
    return JSON.parse(plaintext);
  } catch {
    return plaintext;
  }
}

function canonical(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The resources of the program as they are recorded, with secrets hidden, for policy packs to compare with. */
export function deployedResources(exported: Deployment): PolicySubject["deployed"] {
  return resourcesOf(exported)
    .filter((resource) => !isOwn(resource))
    .map(({ urn, type, inputs = {} }) => {
      const text = JSON.stringify(inputs, (_, value) => (isSecret(value) ? HIDDEN : value));
      return { urn, type, inputs: JSON.parse(text) as Properties };
    });
}

/** Stack and providers belong to the engine, not to the program's resources. */
function isOwn({ type }: DeployedResource): boolean {
  return type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");
}

/** The project's name as the state's resources carry it; `undefined` of an empty state. */
export function projectOf(exported: Deployment): string | undefined {
  return resourcesOf(exported)[0]?.urn.split("::")[1];
}

/**
 * The state as it would be with `expected` in force: for the rehearsal of the way back. Secrets that an expected value only hides keep
 * their present value. Pure.
 */
export function withResources(exported: Deployment, expected: readonly ResourceState[]): Deployment {
  const wanted = new Map(expected.map((state) => [state.urn, state]));
  const known = new Set(resourcesOf(exported).map(({ urn }) => urn));
  // The order stays: what a resource depends on has to come before it.
  const kept = resourcesOf(exported).filter((resource) => isOwn(resource) || wanted.has(resource.urn));
  const created = expected.filter(({ urn }) => !known.has(urn)).map((state) => asCreated(state, kept));
  const resources = [...kept, ...created].map((resource) => {
    const state = wanted.get(resource.urn);
    if (state === undefined) return resource;
    const inputs = overlay(resource.inputs, state.inputs);
    return {
      ...resource,
      inputs,
      outputs: { ...resource.outputs, ...inputs, ...overlay(resource.outputs, state.outputs) },
    };
  });
  return { ...exported, deployment: { ...exported.deployment, resources, pending_operations: undefined } };
}

function asCreated({ urn, type }: ResourceState, among: readonly DeployedResource[]): DeployedResource {
  const root = among.find((resource) => resource.type === "pulumi:pulumi:Stack");
  const provider = among.find((resource) => resource.type === `pulumi:providers:${type.split(":")[0]}`);
  return {
    urn,
    custom: true,
    id: "rehearsed",
    type,
    ...(root && { parent: root.urn }),
    ...(provider && { provider: `${provider.urn}::${provider.id}` }),
  };
}

function overlay(old: unknown, next: Properties): Properties {
  return reveal(old, next) as Properties;
}

function reveal(old: unknown, next: unknown): unknown {
  if (next === HIDDEN) return old ?? next;
  if (Array.isArray(next)) return next.map((item, i) => reveal(Array.isArray(old) ? old[i] : undefined, item));
  if (typeof next !== "object" || next === null) return next;
  const before = (typeof old === "object" && old !== null ? old : {}) as Properties;
  const merged = Object.fromEntries(Object.entries(next).map(([key, value]) => [key, reveal(before[key], value)]));
  for (const key of Object.keys(before)) if (key.startsWith("__") && !(key in merged)) merged[key] = before[key];
  return merged;
}
