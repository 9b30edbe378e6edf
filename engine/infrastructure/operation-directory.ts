import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeFileAtomically } from "../atomic-file.ts";

/**
 * What an operation leaves on disk, so that a restarted engine finds it:
 *
 * | file | content |
 * | --- | --- |
 * | `operation.json` | what it is about, without secrets |
 * | `pids` | the runner and each `pulumi` process, one line each, written before it starts work |
 * | `N.request.json`, `N.events.jsonl`, `N.result.json` | the Nth thing asked for, what happened, what came of it |
 * | `policy-subject.json` | what policy packs judge the last change by |
 * | `runner.log` | what the process printed |
 */
export interface OperationDirectory {
  readonly path: string;
}

const IDENTIFIER = /^[a-z0-9][a-z0-9.-]{0,99}$/;

/** @throws RangeError when the identifier would not do as a file name */
export function operationDirectory(store: string, operation: string): OperationDirectory {
  if (!IDENTIFIER.test(operation))
    throw new RangeError(`operation: expected an identifier of a-z, 0-9, . and -, found ${JSON.stringify(operation)}`);
  return { path: join(store, "operations", operation) };
}

export function createDirectory(directory: OperationDirectory): void {
  mkdirSync(join(directory.path, "tmp"), { recursive: true, mode: 0o700 });
}

/** What is kept of an operation is of use until its changeset has come to its end, and to a person who looks into it for some days. */
const KEPT_MILLISECONDS = 14 * 86_400_000;

/** Removes what operations left that were begun long ago. */
export function prune(store: string, now: number): void {
  const operations = join(store, "operations");
  for (const name of readdirSync(operations)) {
    const begun = statSync(join(operations, name), { throwIfNoEntry: false })?.birthtimeMs ?? now;
    if (now - begun > KEPT_MILLISECONDS) rmSync(join(operations, name), { recursive: true, force: true });
  }
}

export function writeJson(path: string, value: unknown): void {
  writeFileAtomically(path, JSON.stringify(value));
}

/** The parsed content of a JSON file; `undefined` where there is none. */
export function readJson<Value>(path: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export const file = {
  operation: (directory: OperationDirectory) => join(directory.path, "operation.json"),
  pids: (directory: OperationDirectory) => join(directory.path, "pids"),
  log: (directory: OperationDirectory) => join(directory.path, "runner.log"),
  request: (directory: OperationDirectory, n: number) => join(directory.path, `${n}.request.json`),
  policySubject: (directory: OperationDirectory) => join(directory.path, "policy-subject.json"),
  events: (directory: OperationDirectory, n: number) => join(directory.path, `${n}.events.jsonl`),
  result: (directory: OperationDirectory, n: number) => join(directory.path, `${n}.result.json`),
};

/** The operations that settle this one: `OPERATION.N`. */
export function successors({ path }: OperationDirectory): OperationDirectory[] {
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.`))
    .map((name) => ({ path: join(dirname(path), name) }));
}

/** The pids of the runners and `pulumi` processes of an operation and of those that settled it, ended ones included. */
export function recordedPids(directory: OperationDirectory): Set<number> {
  return new Set([directory, ...successors(directory)].flatMap(pidsOf));
}

function pidsOf(directory: OperationDirectory): number[] {
  try {
    return readFileSync(file.pids(directory), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
