import { isMap, type YAMLMap } from "yaml";

export type Plain = { [key: string]: unknown };

/**
 * Makes a YAML map say `after` where it said `before`, by setting what differs and nothing else: comments and order of the rest stay.
 *
 * @param create makes a node of a value
 */
export function replaceChanged(node: YAMLMap, before: Plain, after: Plain, create: (value: unknown) => unknown): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key], after[key]];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    const child = node.get(key, true);
    if (is === undefined) node.delete(key);
    else if (isMap(child) && isPlain(was) && isPlain(is)) replaceChanged(child, was, is, create);
    else node.set(key, create(is));
  }
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
