import { execFile } from "node:child_process";

/** A host tool that failed, with what it said. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly command: string;
  readonly stderr: string;
  constructor(command: string, stderr: string) {
    super(`${command}: ${stderr.trim() || "failed without a word"}`);
    this.command = command;
    this.stderr = stderr;
  }
}

const TIMEOUT_MILLISECONDS = 30_000;
/** Where the tools for network and disks are, which a user's PATH often leaves out. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs a tool of the host without a shell and gives its output.
 *
 * @throws CommandError when it is missing, fails, or takes more than 30 s
 */
export function run(tool: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: `${process.env.PATH ?? ""}:${SYSTEM_PATH}`, LC_ALL: "C" };
    execFile(tool, args, { env, timeout: TIMEOUT_MILLISECONDS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new CommandError([tool, ...args].join(" "), stderr || error.message));
    });
  });
}

/** Runs a tool and tells only whether it succeeded. */
export async function succeeds(tool: string, ...args: string[]): Promise<boolean> {
  try {
    await run(tool, ...args);
    return true;
  } catch {
    return false;
  }
}
