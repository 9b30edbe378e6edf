import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { locatePulumi, pathFor } from "../engine/infrastructure/pulumi-command.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** A process of the project, and what it says. */
export interface WatchedChild {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
  /** Resolves when it has printed the text. */
  says(text: string): Promise<void>;
}

/** Starts a program of the project with Pulumi in reach. */
export function startWatched(args: readonly string[], env: NodeJS.ProcessEnv = {}): WatchedChild {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: pathFor(locatePulumi()), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const waiting: { text: string; resolve: () => void }[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      for (const { text, resolve } of waiting) if (output.includes(text)) resolve();
    });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    child,
    ended,
    output: () => output,
    says: (text) =>
      Promise.race([
        new Promise<void>((resolve) => (output.includes(text) ? resolve() : waiting.push({ text, resolve }))),
        ended.then((code) => assert.fail(`it ended with ${code} before it said "${text}":\n${output}`)),
      ]),
  };
}
