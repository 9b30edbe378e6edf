import { spawn } from "node:child_process";

/**
 * Runs a command in the foreground and resolves with its exit code. Ctrl-C reaches the child by itself through the
 * terminal's process group; we wait for what it makes of it.
 */
export function runChild(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env, cwd });
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGINT", () => {});
    process.on("SIGTERM", forward);
    process.on("SIGHUP", forward);
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(signal ? 143 : (code ?? 1)));
  });
}
