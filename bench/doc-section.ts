import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Replaces what stands between `<!-- NAME begin -->` and `<!-- NAME end -->` in a document. @throws where the markers are missing */
export function replaceSection(document: string, name: string, text: string): void {
  if (!existsSync(document)) return;
  const [begin, end] = [`<!-- ${name} begin -->`, `<!-- ${name} end -->`];
  const before = readFileSync(document, "utf8");
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} lacks the markers ${begin} and ${end}`);
  writeFileSync(document, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`);
}
