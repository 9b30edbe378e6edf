import type { Provider } from "@pulumi/pulumi/provider/index.js";
import { bandwidth } from "./bandwidth.ts";
import type { Handler, Properties } from "./handler.ts";
import { volume } from "./volume.ts";
import { workerPool } from "./worker-pool.ts";

const HANDLERS: Record<string, Handler> = {
  "local:index:WorkerPool": workerPool,
  "local:index:Volume": volume,
  "local:index:Bandwidth": bandwidth,
};

/**
 * The provider of the `local` package. Operations may be repeated after any interruption: creating what is there already takes
 * it over. A preview calls none that acts, since the server of the SDK does not announce support for previews.
 */
export const localProvider: Provider = {
  version: "0.1.0",

  async check(urn, olds, news) {
    return handlerOf(urn).check((olds ?? {}) as Properties, (news ?? {}) as Properties);
  },

  /** Only what must be replaced: a stated `changes` would erase the detail that Pulumi works out by itself. */
  async diff(_id, urn, olds, news) {
    const replaces = handlerOf(urn).replaces.filter((property) => olds[property] !== news[property]);
    return replaces.length > 0 ? { replaces, deleteBeforeReplace: true } : {};
  },

  async create(urn, inputs) {
    return { id: (inputs as Place).runDirectory, outs: await ensure(urn, inputs as Place) };
  },

  async read(id, urn, props) {
    const found = await handlerOf(urn).read(id, (props ?? {}) as Properties);
    return found ? { id, props: found.outputs, inputs: found.inputs } : { id: "", props: {} };
  },

  async update(_id, urn, _olds, news) {
    return { outs: await ensure(urn, news as Place) };
  },

  async delete(id, urn, props) {
    await handlerOf(urn).remove(id, (props ?? {}) as Properties);
  },
};

type Place = Properties & { runDirectory: string };

/**
 * What fails half-way is there nevertheless: with `id`, `properties` and `reasons` on the error, Pulumi keeps it in its state
 * as not yet right, so that the next update tries again and a destroy removes it.
 */
async function ensure(urn: string, inputs: Place): Promise<Properties> {
  const handler = handlerOf(urn);
  try {
    return await handler.ensure(inputs);
  } catch (error) {
    const there = await handler.read(inputs.runDirectory, inputs).catch(() => undefined);
    if (there === undefined || !(error instanceof Error)) throw error;
    throw Object.assign(error, { id: inputs.runDirectory, properties: inputs, reasons: [error.message] });
  }
}

/** `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` */
function handlerOf(urn: string): Handler {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const handler = HANDLERS[type];
  if (handler === undefined) throw new Error(`expected ${Object.keys(HANDLERS).join(", ")}, found ${type}`);
  return handler;
}
