import { userInfo } from "node:os";
import type { Command } from "commander";
import { connectEngine } from "../engine/api/client.ts";
import type { EngineControl } from "../engine/api/engine-control.port.ts";
import { findProject, loadProject, type ProjectFiles } from "../engine/project-files.ts";
import { createOutput, type Output } from "./output.ts";

/** What every command shares. */
export interface Context {
  readonly output: Output;
  /** The project of the working directory, or of `--project`. @throws InputError */
  project(): ProjectFiles;
  /** Its file. @throws InputError when there is none */
  file(): string;
}

export function contextOf(command: Command): Context {
  const { json, project } = command.optsWithGlobals<{ json?: boolean; project?: string }>();
  const output = createOutput(json === true);
  const file = () => findProject(project, process.cwd());
  return { output, file, project: () => loadProject(file()) };
}

/** Who is at the terminal, for the ledger. */
export function person(): string {
  return process.env.SUDO_USER ?? userInfo().username;
}

/**
 * Does something with the engine of the project: over its socket when one runs, else with an engine in this process that
 * takes the store for as long as the command lasts.
 */
export async function withEngine<Result>(
  context: Context,
  work: (engine: EngineControl, running: boolean) => Promise<Result>,
): Promise<Result> {
  const files = context.project();
  const client = await connectEngine(files.store);
  if (client !== undefined) return work(client, true);
  const { openEngine } = await import("../engine/open-engine.ts");
  const opened = await openEngine(files, { say: (text) => context.output.progress(text) });
  try {
    await opened.engine.loop.tick();
    return await work(opened.engine, false);
  } finally {
    await opened.close();
  }
}
