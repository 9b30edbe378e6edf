import { execFile } from "node:child_process";
import { withoutCredentials } from "../../model/credentials.ts";
import { ReviewHostError } from "../orchestrator/change/review-host.port.ts";

const MAX_OUTPUT = 256 * 1024 * 1024;

export interface GitOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds; pushes and fetches may take long. */
  readonly timeout?: number;
  /** Keep the last line end: a file's content. */
  readonly raw?: boolean;
}

/** Runs git and gives what it printed, without the last line end. @throws ReviewHostError with git's own words */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<string>;

/** What git takes from its surroundings and must not here: another repository, a person, hooks, a prompt. */
const INHERITED = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_COMMON_DIR",
  "GIT_PREFIX",
];

/** Git in a directory, with hooks off and no need for a configured person. */
export function createGit(directory: string): Git {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of INHERITED) delete env[name];
  for (const role of ["AUTHOR", "COMMITTER"]) {
    env[`GIT_${role}_NAME`] = "Foreshadow";
    env[`GIT_${role}_EMAIL`] = "foreshadow@localhost";
  }
  env.GIT_TERMINAL_PROMPT = "0";
  env.LC_ALL = "C";
  return (args, { input, env: extra, timeout = 60, raw = false } = {}) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        "git",
        ["-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", ...args],
        { cwd: directory, env: { ...env, ...extra }, timeout: timeout * 1000, maxBuffer: MAX_OUTPUT },
        (error, stdout, stderr) => {
          if (error === null) resolve(raw ? stdout : stdout.replace(/\n$/, ""));
          else reject(new ReviewHostError(withoutCredentials(`git ${args[0]}: ${stderr.trim() || error.message}`)));
        },
      );
      child.stdin?.on("error", () => {});
      child.stdin?.end(input ?? "");
    });
}
