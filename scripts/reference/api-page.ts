import type { z } from "zod";
import type { Operation } from "../../engine/api/operation.ts";
import { OPERATIONS } from "../../engine/api/operations/index.ts";
import { SCHEMAS } from "../../engine/api/schemas.ts";
import { code, page, table } from "./markdown.ts";
import { schemaRows } from "./schema-rows.ts";

/** Every operation of the API with what goes in and what comes out, from the table that the server works by. */
export function apiPage(): string {
  return page(
    "# Operations of the API",
    "Below `/api/v1`. [Who may, where it listens and what holds of all](../api.md). The same as an OpenAPI 3.1 document: `GET /api/v1/openapi.json`. A scope includes those before it in `read`, `approve`, `admin`.",
    table(
      ["operation", "does", "scope", "answers"],
      OPERATIONS.map(({ method, path, summary, scope, person, answer }) => [
        code(`${method} ${path}`),
        summary,
        `\`${scope}\`${person ? ", a person" : ""}`,
        answerOf(answer),
      ]),
    ),
    "Besides: `GET /events` (server-sent events; `?types=` and `?workload=` choose), `GET /ledger/export` (a line of JSON an entry), `POST` and `DELETE /session` of the web page.",
    "## What goes in",
    ...OPERATIONS.flatMap(inputOf),
  );
}

function answerOf(answer: z.ZodType): string {
  const id = SCHEMAS.get(answer)?.id ?? "";
  return code(id);
}

function inputOf({ method, path, query, body }: Operation): string[] {
  const rows = [
    ...(query === undefined ? [] : schemaRows(query).map((row) => ["query", row] as const)),
    ...(body === undefined ? [] : schemaRows(body).map((row) => ["body", row] as const)),
  ];
  if (rows.length === 0) return [];
  return [
    `### ${method} ${path}`,
    table(
      ["where", "name", "what may stand there", "without it"],
      rows.map(([where, { path: name, form, absent }]) => [
        where,
        code(name),
        form,
        absent === "needed" ? "it is needed" : code(absent) || "–",
      ]),
    ),
  ];
}
