/**
 * Text that a name, a file or a host gave, so that Markdown shows it and does nothing with it: every character that could mean something is
 * written as its number, and a zero-width space keeps `@name` and `#1` from being made links of. On one line, cut to so many characters.
 * https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
 */
export function plain(text: string, most = 300): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  const characters = [...line];
  const cut = characters.length > most ? [...characters.slice(0, most - 1), "…"] : characters;
  return cut.map((one) => (/^[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]$/.test(one) ? escaped(one) : one)).join("");
}

/** As `plain`, shown as code. */
export function code(text: string, most = 120): string {
  return `<code>${plain(text, most)}</code>`;
}

/** A fenced block that nothing in the text can end. */
export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, "")}\n${fence}`;
}

/** Marks that mean nothing inside a line of words. */
const HARMLESS = new Set([",", ";", "'", "/", "%", "?", "="]);

function escaped(character: string): string {
  if (HARMLESS.has(character)) return character;
  const entity = `&#${character.codePointAt(0)};`;
  return character === "@" || character === "#" ? `${entity}&#8203;` : entity;
}
