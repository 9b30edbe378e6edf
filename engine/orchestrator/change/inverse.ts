import type { Capacity } from "../../../model/capacity.ts";
import type { Changeset } from "../../../model/changeset.ts";

type Section = "perReplica" | "storage" | "network";

/** A part of a capacity that a change may concern on its own. */
interface Part {
  readonly name: string;
  get(capacity: Capacity): unknown;
  /** The capacity with this part as it is in the other one. */
  from(capacity: Capacity, other: Capacity): Capacity;
}

const PARTS: readonly Part[] = [
  {
    name: "replicas",
    get: ({ owns, replicas }) => [owns, replicas],
    from: (capacity, { owns, replicas }) => ({ ...capacity, owns, replicas }),
  },
  { name: "plan", get: ({ plan }) => plan, from: (capacity, { plan }) => ({ ...capacity, plan }) },
  ...["cpu", "memory", "instance", "requests"].map((key) => within("perReplica", key)),
  ...["size", "iops", "throughput"].map((key) => within("storage", key)),
  within("network", "bandwidth"),
];

function within(section: Section, key: string): Part {
  const get = (capacity: Capacity) => (capacity[section] as Record<string, unknown>)[key];
  return {
    name: `${section}.${key}`,
    get,
    from(capacity, other) {
      const { [key]: _, ...rest } = capacity[section] as Record<string, unknown>;
      return { ...capacity, [section]: get(other) === undefined ? rest : { ...rest, [key]: get(other) } };
    },
  };
}

/** A change cannot be taken back as it is. */
export class NotReversible extends Error {
  override readonly name = "NotReversible";
}

/**
 * The capacity that takes a change back and leaves alone what has changed since elsewhere. What a later change has overwritten is not taken
 * back. Storage that has grown stays: the rest is taken back.
 *
 * @throws NotReversible that names what stands in the way
 */
export function inverseOf({ id, before, after }: Changeset, current: Capacity): Capacity {
  let result = current;
  let kept = "";
  for (const { name, get, from } of PARTS) {
    if (same(get(before), get(after))) continue;
    if (!same(get(current), get(after)))
      throw new NotReversible(
        `changeset ${id}: ${name} has changed since: expected ${text(get(after))}, found ${text(get(current))}; take the later change back first`,
      );
    if (name === "storage.size" && Number(get(after)) > Number(get(before) ?? 0)) kept = name;
    else result = from(result, before);
  }
  if (!same(result, current)) return result;
  throw new NotReversible(
    kept === "" ? `changeset ${id} changed nothing` : `changeset ${id} only grew ${kept}, and storage does not shrink`,
  );
}

function same(a: unknown, b: unknown): boolean {
  return text(a) === text(b);
}

function text(value: unknown): string {
  return (
    JSON.stringify(value, (_, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? "none"
  );
}
