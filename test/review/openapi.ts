import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

interface OperationObject {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { schema: object }>>;
  };
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
}

export interface ApiRequest {
  readonly method: string;
  /** Path below the API's base address. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body?: Readonly<Record<string, unknown>>;
}

/**
 * Checks requests with the OpenAPI description that GitHub publishes: path, method, path and query parameters, body. What the description does
 * not know is a problem too, although the real API would let it pass.
 *
 * @param version `api.github.com`, or of an Enterprise Server, `ghes-3.19`
 */
export class OpenApi {
  readonly #description: Description;
  readonly #ajv: Ajv;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(version: string) {
    const generated = join(dirname(fileURLToPath(import.meta.resolve("@octokit/openapi"))), "generated");
    this.#description = JSON.parse(readFileSync(join(generated, `${version}.json`), "utf8"));
    this.#ajv = new Ajv({ strict: false, validateSchema: false, coerceTypes: true, logger: false, allErrors: true });
    formats.default(this.#ajv);
    this.#ajv.addSchema(this.#description, "github");
  }

  /** @returns the problems, and the template of the path where there is one */
  check({ method, path, query, body }: ApiRequest): { template?: string; problems: string[] } {
    const found = Object.entries(this.#description.paths)
      .map(([template, item]) => ({ template, item, values: match(template, path) }))
      .filter(({ values }) => values !== undefined)
      // A fixed part is nearer than a parameter.
      .sort((a, b) => Object.keys(a.values!).length - Object.keys(b.values!).length)[0];
    const operation = found?.item[method.toLowerCase()];
    if (found === undefined || operation === undefined) return { problems: [`${method} ${path}: no such operation`] };
    const problems: string[] = [];
    const place = `#/paths/${pointer(found.template)}/${method.toLowerCase()}`;
    const known = new Set<string>();
    for (const [index, listed] of (operation.parameters ?? []).entries()) {
      const parameter = this.#resolve(listed);
      const value = parameter.in === "path" ? found.values![parameter.name] : query.get(parameter.name);
      if (parameter.in !== "path" && parameter.in !== "query") continue;
      known.add(parameter.name);
      if (value === null || value === undefined) {
        if (parameter.required) problems.push(`${parameter.in} ${parameter.name}: missing`);
        continue;
      }
      const schema = listed.$ref === undefined ? `${place}/parameters/${index}/schema` : `${listed.$ref}/schema`;
      problems.push(...this.#validate(schema, value, `${parameter.in} ${parameter.name}`));
    }
    for (const name of query.keys()) if (!known.has(name)) problems.push(`query ${name}: unknown`);
    problems.push(...this.#checkBody(operation, place, body));
    return { template: found.template, problems };
  }

  #checkBody({ requestBody }: OperationObject, place: string, body: ApiRequest["body"]): string[] {
    if (body === undefined) return requestBody?.required ? ["body: missing"] : [];
    const schema = requestBody?.content["application/json"]?.schema as { properties?: object } | undefined;
    if (schema === undefined) return ["body: none is taken"];
    const strangers = Object.keys(body).filter((key) => !(key in (schema.properties ?? {})));
    return [
      ...strangers.map((key) => `body ${key}: unknown`),
      ...this.#validate(`${place}/requestBody/content/application~1json/schema`, body, "body"),
    ];
  }

  #validate(schema: string, value: unknown, what: string): string[] {
    const validate = this.#validators.get(schema) ?? this.#ajv.compile({ $ref: `github${schema}` });
    this.#validators.set(schema, validate);
    if (validate(structuredClone(value))) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${what}${instancePath}: ${message}`);
  }

  #resolve(parameter: Parameter): Parameter {
    if (parameter.$ref === undefined) return parameter;
    return this.#description.components.parameters[parameter.$ref.slice("#/components/parameters/".length)];
  }
}

function match(template: string, path: string): Record<string, string> | undefined {
  const [expected, found] = [template.split("/"), path.split("/")];
  if (expected.length !== found.length) return undefined;
  const values: Record<string, string> = {};
  for (const [i, part] of expected.entries()) {
    if (/^\{.*\}$/.test(part)) values[part.slice(1, -1)] = decodeURIComponent(found[i]);
    else if (part !== found[i]) return undefined;
  }
  return values;
}

/** A key as a part of a JSON pointer in the fragment of an address. */
function pointer(key: string): string {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}
