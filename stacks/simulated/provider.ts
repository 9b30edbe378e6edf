import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import { type CloudProvider, UNKNOWN } from "./cloud-provider.port.ts";
import { takeFault } from "./faults.ts";
import type { Operation, Permissions } from "./permissions.port.ts";
import type { Context, ResourceRules } from "./resource-rules.port.ts";
import { type Properties, recordCall, recordPermissions, type World } from "./world.ts";
import { inWorld, readWorld } from "./world-file.ts";

const require = createRequire(import.meta.url);

/** The version of an SDK, such as `@pulumi/aws`, as it is installed. */
export function sdkVersion(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}

/** Rules of the types that a simulated cloud knows, and its functions, by token. */
export interface SimulatedCloud {
  readonly name: string;
  /** Of the SDK that it answers to. */
  readonly version: string;
  readonly types: { readonly [type: string]: ResourceRules };
  readonly functions: { readonly [token: string]: (world: World, inputs: Properties) => Properties };
  /** What each call takes, which the world records as it is taken. */
  readonly permissions: Permissions;
}

/** How often the SDKs' providers try again when a cloud asks for less haste. */
const ATTEMPTS = 5;
const THROTTLED = /throttl|rate exceeded|too ?many ?requests|slow down/i;

/**
 * A provider that answers in place of a cloud's, on a world in a file. It is found only where a project's `Pulumi.yaml` names it under
 * `plugins`, and every identifier that it gives says that it is simulated.
 *
 * @param clock epoch seconds
 */
export function simulatedProvider(cloud: SimulatedCloud, file: string, clock: () => number): CloudProvider {
  /** One call of the cloud, tried again as the providers do when it asks for less haste. */
  async function call<T>(on: Operation, urn: string, id: string, act: Act<T>): Promise<T> {
    const type = typeOf(urn);
    const rules = rulesOf(cloud, type);
    const latency = on === "read" ? 0 : 500 * readWorld(file).rules.latency;
    for (let attempt = 1; ; attempt++) {
      await sleep(latency);
      const now = clock();
      const outcome = await inWorld(file, now, (world) => {
        recordPermissions(world, cloud.permissions.types[type]?.[on]);
        const refused = takeFault(world.faults, on, "before", type, id);
        if (refused !== undefined) return { fault: refused.message };
        const value = act({ world, now, type }, rules);
        if (on !== "read")
          recordCall(world, {
            at: now,
            on,
            type,
            id: id === "" ? (value as { id: string }).id : id,
            resource: nameOf(urn),
          });
        return { value, lost: takeFault(world.faults, on, "after", type, id)?.message };
      });
      if ("fault" in outcome && outcome.fault !== undefined) {
        if (THROTTLED.test(outcome.fault) && attempt < ATTEMPTS) continue;
        throw new Error(`simulated ${cloud.name}: ${outcome.fault}`);
      }
      await sleep(latency);
      const { value, lost } = outcome as { value: T; lost?: string };
      if (lost !== undefined) throw new Error(`simulated ${cloud.name}: ${lost}`);
      return value;
    }
  }

  return {
    version: cloud.version,

    check(urn, news) {
      const inputs = present(news);
      const failures = Object.values(inputs).includes(UNKNOWN) ? [] : rulesOf(cloud, typeOf(urn)).check?.(inputs);
      return { inputs, failures: failures ?? [] };
    },

    diff(urn, olds, news) {
      const { replaces = [], alsoReplaces, createFirst = false } = rulesOf(cloud, typeOf(urn));
      const changed = replaces.filter(
        (property) => news[property] !== undefined && JSON.stringify(olds[property]) !== JSON.stringify(news[property]),
      );
      changed.push(...(alsoReplaces?.(olds, news) ?? []));
      return { replaces: changed, deleteFirst: changed.length > 0 && !createFirst };
    },

    preview(urn, olds, news) {
      const { volatile = [] } = rulesOf(cloud, typeOf(urn));
      const unknown = volatile.filter((property) => property in olds && !(property in news));
      return { ...olds, ...present(news), ...Object.fromEntries(unknown.map((property) => [property, UNKNOWN])) };
    },

    async create(urn, news) {
      const inputs = present(news);
      const { id, outputs } = await call("create", urn, "", (context, rules) => {
        const made = rules.create(context, inputs, nameOf(urn));
        context.world.resources[made.id] = { type: context.type, inputs, outputs: made.outputs, modified: [] };
        return made;
      });
      return { id, outputs };
    },

    async read(id, urn, properties) {
      return call("read", urn, id, (context, rules) => {
        const resource = context.world.resources[id];
        if (resource === undefined) return undefined;
        const changed = rules.read === undefined ? {} : rules.read(context, id, resource);
        if (changed === undefined) {
          delete context.world.resources[id];
          return undefined;
        }
        return {
          inputs: { ...resource.inputs, ...changed },
          outputs: { ...properties, ...resource.outputs, ...changed },
        };
      });
    },

    async update(id, urn, news) {
      const inputs = present(news);
      return call("update", urn, id, (context, rules) => {
        const resource = found(context.world, id);
        if (rules.update === undefined) throw new Error(`${context.type} cannot be changed`);
        const outputs = rules.update(context, id, resource, inputs);
        const { modified } = context.world.resources[id];
        context.world.resources[id] = { ...resource, inputs, outputs, modified };
        return outputs;
      });
    },

    async delete(id, urn) {
      await call("delete", urn, id, (context, rules) => {
        const resource = context.world.resources[id];
        if (resource === undefined) return;
        rules.remove?.(context, id, resource);
        delete context.world.resources[id];
      });
    },

    async invoke(token, inputs) {
      const answer = cloud.functions[token];
      if (answer === undefined)
        throw new Error(
          `simulated ${cloud.name}: expected ${Object.keys(cloud.functions).join(", ") || "none"}, found the function ${token}`,
        );
      return inWorld(file, clock(), (world) => {
        recordPermissions(world, cloud.permissions.functions[token]);
        return answer(world, present(inputs));
      });
    },
  };
}

type Act<T> = (context: Context, rules: ResourceRules) => T;

/** The file that the environment names. @throws Error without one */
export function worldFile(environment: NodeJS.ProcessEnv = process.env): string {
  const file = environment[WORLD_VARIABLE];
  if (!file) throw new Error(`expected ${WORLD_VARIABLE} to name the file of a simulated world, found nothing`);
  return file;
}

function found(world: World, id: string) {
  const resource = world.resources[id];
  if (resource === undefined) throw new Error(`expected ${id} to be there, found nothing`);
  return resource;
}

/** `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function rulesOf({ name, types }: SimulatedCloud, type: string): ResourceRules {
  const rules = types[type];
  if (rules === undefined)
    throw new Error(
      `simulated ${name}: expected one of the types that are simulated, found ${type}; known are ${Object.keys(types).join(", ")}`,
    );
  return rules;
}

/** Without properties that have no value: the wire has none for undefined, and null would show as a difference. */
function present(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([key, value]) => value !== undefined && value !== null && !key.startsWith("__")),
  );
}
