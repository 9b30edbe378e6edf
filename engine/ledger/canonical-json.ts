/** Deeper than any event that the engine writes; keeps a cycle from becoming a stack overflow. */
const MAX_DEPTH = 64;

/**
 * JSON with one text a value: keys in ascending order of their UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. For the values it accepts this is the JSON Canonicalization Scheme,
 * {@link https://www.rfc-editor.org/rfc/rfc8785 RFC 8785}. Properties that are `undefined` are left away, as in JSON.
 *
 * @throws TypeError that names the path of what JSON cannot carry unchanged: a number that is not finite, `undefined` in
 * an array, a bigint, a function, an object with a prototype of its own (a date, a map, a typed array), too deep a value
 */
export function canonicalJson(value: unknown): string {
  return write(value, "", 0);
}

function write(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      if (Number.isFinite(value)) return JSON.stringify(value);
      throw unsuitable(path, "a finite number", String(value));
    case "object":
      break;
    default:
      throw unsuitable(path, "a JSON value", typeof value);
  }
  if (value === null) return "null";
  if (depth >= MAX_DEPTH) throw unsuitable(path, `at most ${MAX_DEPTH} levels`, "more, or a cycle");
  if (Array.isArray(value))
    return `[${Array.from(value, (item, i) => write(item, `${path}[${i}]`, depth + 1)).join(",")}]`;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw unsuitable(path, "a plain object", prototype?.constructor?.name ?? "an object of a class");
  const record = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(record).sort())
    if (record[key] !== undefined)
      parts.push(`${JSON.stringify(key)}:${write(record[key], path === "" ? key : `${path}.${key}`, depth + 1)}`);
  return `{${parts.join(",")}}`;
}

function unsuitable(path: string, expected: string, found: string): TypeError {
  return new TypeError(`canonical JSON: ${path === "" ? "the value" : path}: expected ${expected}, found ${found}`);
}
