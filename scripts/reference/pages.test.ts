import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { duration } from "../../model/schema.ts";
import { REFERENCE, referencePages } from "./pages.ts";
import { schemaRows } from "./schema-rows.ts";

test("the reference is what schemas, command line and API say; `npm run reference` writes it anew", async () => {
  const pages = await referencePages();
  assert.deepEqual(readdirSync(REFERENCE).sort(), [...pages.keys()].sort());
  for (const [name, text] of pages) {
    const written = readFileSync(join(REFERENCE, name), "utf8");
    assert.ok(written === text, `docs/reference/${name} is out of date: \`npm run reference\` writes it`);
  }
});

test("keys are told with their place, form and default", () => {
  const schema = z.strictObject({
    version: z.literal(1),
    every: duration.prefault("1h"),
    list: z
      .array(z.strictObject({ count: z.number().int().min(1).max(9), on: z.boolean().default(false) }))
      .default([]),
    signals: z.record(z.string(), z.union([z.strictObject({ a: z.string() }), z.enum(["x"])])).optional(),
  });
  assert.deepEqual(
    schemaRows(schema).map(({ path, form, absent }) => `${path}: ${form} (${absent})`),
    [
      "version: `1` (needed)",
      "every: a duration such as 30s, 5m or 24h (1h)",
      "list[].count: a whole number from 1 to 9 (needed)",
      "list[].on: `true` or `false` (false)",
      "signals: a map of names to `{ a }` or `x` ()",
    ],
  );
});
