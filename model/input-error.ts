/** One thing that is wrong with an input: where it is, what was expected and what was found. */
export interface InputProblem {
  /** 1-based line in the file, when known. */
  readonly line?: number;
  /** Path inside the document, `web.replicas.count`; empty for the document itself. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** A file or an argument that a person wrote is not what it should be. The command line exits with 2 on it. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly file: string;
  readonly problems: readonly InputProblem[];

  constructor(file: string, problems: readonly InputProblem[]) {
    super(problems.map((problem) => describe(file, problem)).join("\n"));
    this.file = file;
    this.problems = problems;
  }
}

function describe(file: string, { line, path, expected, found }: InputProblem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${place}: ${path === "" ? "" : `${path}: `}expected ${expected}, found ${found}`;
}
