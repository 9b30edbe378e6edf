import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { FAMILIES, type Family } from "./families.ts";

const DOCUMENT = new URL("../../../docs/intake.md", import.meta.url);

function conditions({ only = {}, not = {}, outOf, demand }: Family): string {
  const label = (name: string) => name.split("|").join(" or ");
  const all = [
    ...Object.entries(only).map(
      ([name, values]) => `${label(name)} = ${values.map((value) => value || "none").join(", ")}`,
    ),
    ...Object.entries(not).map(
      ([name, values]) => `not ${label(name)} = ${values.map((value) => value || "none").join(", ")}`,
    ),
    ...(outOf === undefined ? [] : [`${outOf} less it`]),
    ...(demand === undefined ? [] : ["demand"]),
  ];
  return all.join("; ");
}

/** What is mapped to what, as the document has it. */
function table(): string {
  const rows = FAMILIES.map((family) => [
    family.figure === "throttled" ? "cpu is censored" : family.figure,
    family.names.map((name) => `\`${name}\``).join(", "),
    conditions(family),
    family.source,
    String(family.rank),
  ]);
  const head = ["becomes", "of", "where", "told by", "rank"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

test("the document has what is mapped to what (FORESHADOW_WRITE_DOCS=1 writes it)", () => {
  const [begin, end] = ["<!-- mapping begin -->\n\n", "\n\n<!-- mapping end -->"];
  const text = readFileSync(DOCUMENT, "utf8");
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (process.env.FORESHADOW_WRITE_DOCS === "1")
    writeFileSync(DOCUMENT, text.slice(0, from) + table() + text.slice(to));
  else assert.equal(text.slice(from, to), table());
});

test("no name gives one figure twice at one rank", () => {
  const seen = new Set<string>();
  for (const { figure, names, rank, only, demand } of FAMILIES)
    for (const name of names) {
      const key = JSON.stringify([figure, name, rank, only, demand]);
      assert.ok(!seen.has(key), key);
      seen.add(key);
    }
});
