/** First line of each page that is written here. */
export const GENERATED = "<!-- Written by `npm run reference`; what it tells is in the code. -->";

/** A table of Markdown. What would end a cell is escaped. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, "\\|").replace(/\s*\n\s*/g, " ")).join(" | ")} |`;
  return [line(headings), `| ${headings.map(() => "---").join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** Text as code; nothing where there is none. */
export function code(value: string): string {
  return value === "" ? "" : `\`${value}\``;
}

export function page(...parts: readonly string[]): string {
  return `${[GENERATED, ...parts].join("\n\n")}\n`;
}
