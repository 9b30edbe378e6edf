import { localProvider } from "../../stacks/local/provider/local-provider.ts";
import type { Place } from "./place.ts";

const MEBIBYTE = 1024 ** 2;

/** The three resources of a stack, driven through the provider as Pulumi would, without Pulumi. */
export const TYPES = ["Volume", "WorkerPool", "Bandwidth"] as const;
export type Type = (typeof TYPES)[number];
export type Properties = Record<string, unknown>;

export function urnOf(type: Type): string {
  return `urn:pulumi:test::foreshadow::local:index:${type}::web`;
}

export function defaults(place: Pick<Place, "pool" | "runDirectory">): Record<Type, Properties> {
  const part = { pool: place.pool, runDirectory: place.runDirectory };
  return {
    Volume: { ...part, size: 32 * MEBIBYTE, throughput: 20 * MEBIBYTE },
    WorkerPool: { ...part, count: 2, cpu: 0.3, memory: 128 * MEBIBYTE },
    Bandwidth: { ...part, bandwidth: 2_500_000 },
  };
}

/** Checks and applies the inputs; `update` or `create`, which may both be repeated. */
export async function apply(type: Type, news: Properties, olds?: Properties): Promise<Properties> {
  const { inputs, failures } = await localProvider.check!(urnOf(type), olds ?? {}, news);
  if (failures?.length) throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
  if (olds === undefined) return (await localProvider.create!(urnOf(type), inputs)).outs;
  return (await localProvider.update!(news.runDirectory as string, urnOf(type), olds, inputs)).outs;
}

export async function applyAll(all: Record<Type, Properties>): Promise<Record<Type, Properties>> {
  const outputs: Partial<Record<Type, Properties>> = {};
  for (const type of TYPES) outputs[type] = await apply(type, all[type]);
  return outputs as Record<Type, Properties>;
}

/** Properties in which the world differs from what was asked for, as a refresh would show them. */
export async function drift(
  type: Type,
  news: Properties,
): Promise<Record<string, [asked: unknown, found: unknown]> | "gone"> {
  const { inputs } = await localProvider.check!(urnOf(type), {}, news);
  const read = await localProvider.read!(news.runDirectory as string, urnOf(type), inputs);
  if (!read.id) return "gone";
  const keys = new Set([...Object.keys(inputs), ...Object.keys(read.inputs)]);
  return Object.fromEntries(
    [...keys]
      .filter((key) => JSON.stringify(inputs[key]) !== JSON.stringify(read.inputs[key]))
      .map((key) => [key, [inputs[key], read.inputs[key]]]),
  );
}

export async function removeAll(all: Record<Type, Properties>): Promise<void> {
  for (const type of [...TYPES].reverse())
    await localProvider.delete!(all[type].runDirectory as string, urnOf(type), all[type]);
}

export const NO_DRIFT = { Volume: {}, WorkerPool: {}, Bandwidth: {} };

export async function driftOfAll(all: Record<Type, Properties>) {
  return Object.fromEntries(await Promise.all(TYPES.map(async (type) => [type, await drift(type, all[type])])));
}
