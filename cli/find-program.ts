import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { name as nameSchema } from "../model/schema.ts";

/** A Pulumi program beside a new project. */
export interface FoundProgram {
  /** From the project's directory. */
  readonly dir: string;
  /** For people: its name and language. */
  readonly about: string;
  /** Stacks that have a settings file, by name. */
  readonly stacks: readonly string[];
}

const FILES = ["Pulumi.yaml", "Pulumi.yml"];
const MOST_DIRECTORIES = 200;
const MOST_CHARACTERS = 1 << 20;

/** The program in a directory, or the first in one directly below it. */
export function findProgram(root: string): FoundProgram | undefined {
  for (const dir of [".", ...below(root)]) {
    const file = FILES.map((name) => join(root, dir, name)).find(existsSync);
    if (file === undefined) continue;
    const { name, runtime } = contentOf(file);
    const language = typeof runtime === "string" ? runtime : ((runtime as { name?: unknown })?.name ?? "unknown");
    return { dir, about: `the Pulumi program ${name ?? "there"}, ${language}`, stacks: stacksIn(join(root, dir)) };
  }
  return undefined;
}

function below(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
      .map(({ name }) => name)
      .sort()
      .slice(0, MOST_DIRECTORIES);
  } catch {
    return [];
  }
}

/** What is no YAML is a program all the same: Pulumi will say what is wrong with it. */
function contentOf(file: string): { readonly name?: unknown; readonly runtime?: unknown } {
  try {
    const content: unknown = parse(readFileSync(file, "utf8").slice(0, MOST_CHARACTERS));
    return typeof content === "object" && content !== null ? content : {};
  } catch {
    return {};
  }
}

function stacksIn(directory: string): string[] {
  const names = readdirSync(directory).flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []);
  return names.filter((name) => nameSchema.safeParse(name).success).sort();
}
