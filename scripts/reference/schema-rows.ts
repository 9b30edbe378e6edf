import { z } from "zod";

/** What JSON Schema says of a value, as far as it is told here. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly $ref?: string;
}

/** One key of a file: where it is, what may stand there, and what its absence means. */
export interface SchemaRow {
  readonly path: string;
  readonly form: string;
  /** Text of the default; `needed` where there is none and it may not be left out; empty where it may. */
  readonly absent: string;
}

/** No double has more: bounds that only say so are no bounds. */
const ANY = Number.MAX_SAFE_INTEGER;

/** The keys that a schema takes, in its order, those of maps and lists within. */
export function schemaRows(schema: z.ZodType): SchemaRow[] {
  return rowsOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema, "", true);
}

function rowsOf(schema: Schema, path: string, needed: boolean): SchemaRow[] {
  const inner = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (schema.properties !== undefined || isMap(schema)) {
    const named = Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
      rowsOf(value, inner(key), schema.required?.includes(key) ?? false),
    );
    const others = schema.additionalProperties;
    const each =
      typeof others === "object" && Object.keys(others).length > 0 ? rowsOf(others, inner("NAME"), false) : [];
    return [...named, ...each];
  }
  const { items } = schema;
  if (schema.type === "array" && items?.properties !== undefined) return rowsOf(items, `${path}[]`, false);
  const absent = schema.default === undefined ? (needed ? "needed" : "") : text(schema.default);
  return [{ path, form: formOf(schema), absent }];
}

/** Names of one's own, each with a value of one form. */
function isMap({ type, additionalProperties }: Schema): boolean {
  return type === "object" && typeof additionalProperties === "object" && additionalProperties.properties !== undefined;
}

/** What may stand there, in words. */
function formOf(schema: Schema): string {
  const { description, anyOf, items, additionalProperties, properties, required = [] } = schema;
  if (schema.const !== undefined) return `\`${text(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${text(value)}\``).join(", ");
  if (description !== undefined) return description;
  if (anyOf !== undefined) return [...new Set(anyOf.map(formOf))].join(" or ");
  if (properties !== undefined) {
    const keys = Object.keys(properties).map((key) => (required.includes(key) ? key : `${key}?`));
    return `\`{ ${keys.join(", ")} }\``;
  }
  switch (schema.type) {
    case "array":
      return items === undefined ? "a list" : `a list of ${formOf(items)}`;
    case "object":
      return typeof additionalProperties === "object" ? `a map of names to ${formOf(additionalProperties)}` : "a map";
    case "boolean":
      return "`true` or `false`";
    case "integer":
      return `a whole number${boundsOf(schema)}`;
    case "number":
      return `a number${boundsOf(schema)}`;
    case "string":
      return schema.format === "uri" ? "an address" : "text";
    default:
      return "anything that fits";
  }
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: Schema): string {
  const most = maximum === undefined || maximum >= ANY ? undefined : maximum;
  if (exclusiveMinimum !== undefined)
    return ` above ${exclusiveMinimum}${most === undefined ? "" : `, at most ${most}`}`;
  const least = minimum === undefined || minimum <= -ANY ? undefined : minimum;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of at least ${least}`;
  return most === undefined ? "" : ` of at most ${most}`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
