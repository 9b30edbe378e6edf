/** The parts of a property path as Pulumi writes it: `plan[1].floor`, `tags["a.b"]`. */
export function parsePropertyPath(path: string): (string | number)[] {
  const parts: (string | number)[] = [];
  for (const [, quoted, index, plain] of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g))
    parts.push(quoted !== undefined ? quoted.replace(/\\(.)/g, "$1") : index !== undefined ? Number(index) : plain);
  return parts;
}

/** The value at a path; `undefined` where the path leads nowhere. */
export function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const part of parsePropertyPath(path)) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

/** The paths of the leaves in which two values differ, in order. */
export function differingPaths(before: unknown, after: unknown, path = ""): string[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after))
    return Array.from({ length: Math.max(before.length, after.length) }, (_, i) =>
      differingPaths(before[i], after[i], `${path}[${i}]`),
    ).flat();
  if (isRecord(before) && isRecord(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap((key) => differingPaths(before[key], after[key], join(path, key)));
  return [path];
}

function join(path: string, key: string): string {
  if (!/^[^.[\]"]+$/.test(key)) return `${path}["${key.replace(/["\\]/g, "\\$&")}"]`;
  return path === "" ? key : `${path}.${key}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
