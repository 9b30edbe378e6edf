import { isMap, parseDocument, type YAMLMap } from "yaml";
import { z } from "zod";
import { parseYaml } from "./document.ts";
import { InputError } from "./input-error.ts";
import { formatInstant } from "./instant.ts";
import { isPlain, type Plain, replaceChanged } from "./replace-changed.ts";
import { bytes, instant, name, rate, version } from "./schema.ts";
import { formatBytes, formatRate } from "./units.ts";

export { replicasAt } from "./replicas-at.ts";

const count = z.number().int().min(0).max(1_000_000);

const planStep = z.strictObject({ at: instant, floor: count });

const workloadCapacity = z
  .strictObject({
    owns: z.enum(["floor", "desired"]),
    replicas: z.union(
      [
        z.strictObject({ count }),
        z
          .strictObject({ floor: count, ceiling: count })
          .refine(({ floor, ceiling }) => floor <= ceiling, "a floor of at most the ceiling"),
      ],
      { error: () => "{ count } with owns: desired, { floor, ceiling } with owns: floor and floor at most ceiling" },
    ),
    plan: z.array(planStep).max(1000).default([]),
    perReplica: z.strictObject({
      cpu: z.number().positive().max(1_000_000).optional(),
      memory: bytes.optional(),
      instance: z.string().min(1).max(100).optional(),
      requests: z.number().positive().optional(),
    }),
    storage: z
      .strictObject({ size: bytes.optional(), iops: z.number().positive().optional(), throughput: rate.optional() })
      .default({}),
    network: z.strictObject({ bandwidth: rate.optional() }).default({}),
  })
  .refine((value) => (value.owns === "desired") === "count" in value.replicas, {
    message: "replicas: { count } with owns: desired, replicas: { floor, ceiling } with owns: floor",
    path: ["replicas"],
  })
  .refine((value) => value.plan.every((step, i) => i === 0 || step.at > value.plan[i - 1].at), {
    message: "steps in ascending order of time",
    path: ["plan"],
  });

/** `capacity/<stack>.yaml`: what the capacity of each workload of a stack should be. Sizes in bytes, rates in bytes per second. */
export const capacityFile = z
  .object({ version })
  .catchall(workloadCapacity)
  .superRefine((value, context) => {
    for (const key of Object.keys(value)) {
      if (key === "version" || name.safeParse(key).success) continue;
      context.addIssue({ code: "custom", message: "a workload name of a-z, 0-9 and -", input: key, path: [key] });
    }
  });

/** A step of the plan: from `at` (epoch seconds) on, at least `floor` replicas (exactly that many with `owns: desired`). */
export interface PlanStep {
  readonly at: number;
  readonly floor: number;
}

/** The capacity of one workload. `count` with `owns: desired`, `floor` and `ceiling` with `owns: floor`. */
export interface Capacity {
  readonly owns: "floor" | "desired";
  readonly replicas: { readonly count: number } | { readonly floor: number; readonly ceiling: number };
  readonly plan: readonly PlanStep[];
  readonly perReplica: {
    readonly cpu?: number;
    readonly memory?: number;
    readonly instance?: string;
    readonly requests?: number;
  };
  readonly storage: { readonly size?: number; readonly iops?: number; readonly throughput?: number };
  readonly network: { readonly bandwidth?: number };
}

/** Capacity of every workload of one stack, by workload name. */
export type CapacityFile = ReadonlyMap<string, Capacity>;

/**
 * Reads a capacity file.
 *
 * @throws InputError with file, line, path and what was expected
 */
export function parseCapacity(text: string, file: string): CapacityFile {
  const { version: _, ...workloads } = parseYaml(text, file, capacityFile);
  return new Map(Object.entries(workloads as Record<string, Capacity>));
}

/** Replicas that the file asks for as such, without its plan: the count, or the floor. */
export function baseReplicas(capacity: Capacity): number {
  return "count" in capacity.replicas ? capacity.replicas.count : capacity.replicas.floor;
}

/**
 * The text of a capacity file with one workload's capacity replaced. Comments and everything that does not change stay,
 * so that the diff a person reviews shows the change and nothing else.
 *
 * @param text the present text of the file; may be empty
 * @throws InputError when the text is not a capacity file
 */
export function editCapacity(text: string, file: string, workload: string, next: Capacity): string {
  const start = text.trim() === "" ? "version: 1\n" : text;
  const current = parseCapacity(start, file).get(workload);
  const document = parseDocument(start);
  if (!isMap(document.contents)) throw new InputError(file, [{ path: "", expected: "a map", found: "something else" }]);
  const plain = toPlain(next);
  if (current === undefined) document.set(workload, document.createNode(plain));
  else replaceChanged(document.get(workload) as YAMLMap, toPlain(current), plain, document.createNode.bind(document));
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** A capacity as it stands in the file: units written out, empty parts left away. */
function toPlain(capacity: Capacity): Plain {
  const { perReplica, storage, network } = capacity;
  return prune({
    owns: capacity.owns,
    replicas: { ...capacity.replicas },
    plan:
      capacity.plan.length === 0
        ? undefined
        : capacity.plan.map((step) => ({ at: formatInstant(step.at), floor: step.floor })),
    perReplica: prune({
      ...perReplica,
      memory: perReplica.memory === undefined ? undefined : formatBytes(perReplica.memory),
    }),
    storage: prune({
      size: storage.size === undefined ? undefined : formatBytes(storage.size),
      iops: storage.iops,
      throughput: storage.throughput === undefined ? undefined : formatRate(storage.throughput),
    }),
    network: prune({ bandwidth: network.bandwidth === undefined ? undefined : formatRate(network.bandwidth) }),
  });
}

function prune(value: Plain): Plain {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, part]) => part !== undefined && (key === "perReplica" || !isPlain(part) || Object.keys(part).length > 0),
    ),
  );
}
