import { type Document, isCollection, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { InputError, type InputProblem } from "./input-error.ts";

/** Larger than any file a person reviews; a bound on what is parsed. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/**
 * Parses YAML and validates it.
 *
 * @param text the file's content
 * @param file its name, for messages
 * @throws InputError that names file, line, path, what was expected and what was found, one problem a line
 */
export function parseYaml<Schema extends z.ZodType>(text: string, file: string, schema: Schema): z.output<Schema> {
  if (text.length > MAX_CHARACTERS)
    throw new InputError(file, [
      { path: "", expected: `at most ${MAX_CHARACTERS} characters`, found: `${text.length}` },
    ]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    throw new InputError(
      file,
      document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        path: "",
        expected: "YAML",
        found: error.message,
      })),
    );
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new InputError(
    file,
    result.error.issues.flatMap((issue) => problemsOf(issue, document, lines)),
  );
}

/**
 * A problem that the schema cannot see, with the line that the path has in the file.
 *
 * @param text the file's content, which has been parsed before
 */
export function problemIn(
  text: string,
  file: string,
  path: readonly PropertyKey[],
  problem: Pick<InputProblem, "expected" | "found">,
): InputError {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return new InputError(file, [{ line: lineOf(path, document, lines), path: path.map(String).join("."), ...problem }]);
}

function problemsOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): InputProblem[] {
  const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
  return keys.map((key) => {
    const path = key === undefined ? issue.path : [...issue.path, key];
    return {
      line: lineOf(path, document, lines),
      path: path.map(String).join("."),
      expected: key === undefined ? expectationOf(issue) : "no such key",
      found: key === undefined ? show(issue.input) : key,
    };
  });
}

function expectationOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      // A schema that has words of its own for what it takes, a unit for example, says more than a type.
      return issue.message.startsWith("Invalid input") ? issue.expected : issue.message;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "too_small":
      return `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The line of the deepest part of the path that the document has. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node =
      length === 0
        ? document.contents
        : (keyNode(document, path.slice(0, length)) ?? document.getIn(path.slice(0, length), true));
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function keyNode(document: Document, path: readonly PropertyKey[]): unknown {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isCollection(parent)) return undefined;
  const name = path[path.length - 1];
  for (const item of parent.items) {
    const key = (item as { key?: unknown }).key;
    if (isNode(key) && String(key) === String(name)) return key;
  }
  return undefined;
}
