import { z } from "zod";
import type { Operation } from "./operation.ts";
import { SCHEMAS } from "./schemas.ts";

type Json = { readonly [key: string]: unknown };

const reference = (id: string) => `#/components/schemas/${id}`;

/**
 * The OpenAPI 3.1 document of the operations (https://spec.openapis.org/oas/v3.1.1.html). Its paths start from where the document itself is served.
 *
 * @param version of the package
 */
export function openApi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of operations) {
    const path = `/api/v1${one.path}`;
    paths[path] ??= {};
    paths[path][one.method.toLowerCase()] = describe(one);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Foreshadow",
      version,
      description:
        "Predictive scaling whose every action is a Pulumi diff. Times are epoch seconds; errors are problem details (RFC 9457).",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "../.." }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "Made by `foreshadow token create`." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "foreshadow",
          description: "Of the web page; writes need x-csrf-token too.",
        },
      },
      schemas: z.toJSONSchema(SCHEMAS, { uri: reference }).schemas,
    },
  };
}

function describe({ id, method, path, summary, scope, person, query, body, answer }: Operation): Json {
  const problem = {
    description: "A problem",
    content: { "application/problem+json": { schema: { $ref: reference("Problem") } } },
  };
  return {
    operationId: id,
    summary,
    description: `Scope \`${scope}\`${person ? "; a person" : ""}.`,
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
        name,
        in: "path",
        required: true,
        schema: { type: "string" },
      })),
      ...(query === undefined ? [] : queryParameters(query)),
      ...(method === "POST"
        ? [{ name: "Idempotency-Key", in: "header", schema: { type: "string", maxLength: 255 } }]
        : []),
    ],
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: plain(body) } } } }),
    responses: {
      200: {
        description: "Done",
        content: { "application/json": { schema: { $ref: reference(SCHEMAS.get(answer)?.id ?? "") } } },
      },
      default: problem,
    },
  };
}

function queryParameters(query: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = plain(query) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

/** The JSON Schema of what is sent. */
function plain(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
}
