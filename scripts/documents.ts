import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The checkout, and its documents by their paths in it. */
export const ROOT = join(import.meta.dirname, "..");
export const DOCUMENTS: readonly string[] = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT }).sort()];

export function textOf(document: string): string {
  return readFileSync(join(ROOT, document), "utf8");
}

/** A block of code in a document, without the indentation of the list that it stands in. */
export interface FencedBlock {
  readonly language: string;
  readonly body: string;
  /** Of its first fence, from 1. */
  readonly line: number;
}

const FENCE = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm;

/** The fenced blocks of a document of Markdown. */
export function fencedBlocks(source: string): FencedBlock[] {
  return [...source.matchAll(FENCE)].map((match) => {
    const [, indent, language, body] = match;
    const lines = body.split("\n").map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    return { language, body: lines.join("\n"), line: source.slice(0, match.index).split("\n").length };
  });
}

/** A document of Markdown without its fenced blocks. */
export function withoutBlocks(source: string): string {
  return source.replace(FENCE, "");
}
