/** A block of code in a document, without the indentation of the list that it stands in. */
export interface FencedBlock {
  readonly language: string;
  readonly body: string;
  /** Of its first fence, from 1. */
  readonly line: number;
}

/** The fenced blocks of a document of Markdown. */
export function fencedBlocks(source: string): FencedBlock[] {
  return [...source.matchAll(/^( *)```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm)].map((match) => {
    const [, indent, language, body] = match;
    const lines = body.split("\n").map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    return { language, body: lines.join("\n"), line: source.slice(0, match.index).split("\n").length };
  });
}
