import { stripVTControlCharacters } from "node:util";

/** Where a command writes: results to standard output, progress and errors to standard error. */
export interface Output {
  readonly json: boolean;
  /** A person watches: colours, and progress that rewrites its line. */
  readonly terminal: boolean;
  /** The result: an object with --json, else the lines. */
  result(value: unknown, lines: () => readonly string[]): void;
  line(text: string): void;
  progress(text: string): void;
}

export function createOutput(
  json: boolean,
  out: NodeJS.WriteStream = process.stdout,
  err: NodeJS.WriteStream = process.stderr,
): Output {
  const terminal = Boolean(err.isTTY);
  let open = false;
  const clear = () => {
    if (open) err.write("\r\u001b[K");
    open = false;
  };
  return {
    json,
    terminal,
    result(value, lines) {
      clear();
      out.write(json ? `${JSON.stringify(value, null, out.isTTY ? 2 : 0)}\n` : `${lines().join("\n")}\n`);
    },
    line(text) {
      clear();
      if (!json) out.write(`${text}\n`);
    },
    progress(text) {
      clear();
      err.write(terminal ? `${text}` : `${text}\n`);
      open = terminal;
    },
  };
}

/** Seconds between two lines of progress: a terminal's rewrites itself, a log's stays. */
const PACE = { terminal: 0.2, log: 10 };

/** Tells of progress as often as whoever reads it can use: often on a terminal, in a pipe a plain line now and then. */
export function paced(
  { terminal, progress }: Pick<Output, "terminal" | "progress">,
  clock: () => number = () => performance.now() / 1000,
): (text: () => string) => void {
  let last = clock();
  return (text) => {
    const now = clock();
    if (now - last < (terminal ? PACE.terminal : PACE.log)) return;
    last = now;
    progress(text());
  };
}

/** Columns padded to their widest cell, colours aside; the last is left as it is. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  const width = (cell: string) => [...stripVTControlCharacters(cell)].length;
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell));
    });
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + " ".repeat(widths[i] - width(cell))))
      .join("  ")
      .trimEnd(),
  );
}
