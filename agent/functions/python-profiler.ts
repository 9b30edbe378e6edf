import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collapsedProfile } from "./collapsed-profile.ts";
import type { Profiler } from "./profiler.port.ts";

const RATE = 100;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_SAID = 2000;

/**
 * Profiles Python programs with py-spy (https://github.com/benfred/py-spy) where it is on PATH. It reads the interpreter's memory from outside and,
 * with `--nonblocking`, never pauses it; it ends by itself at the end of the window, also when the agent has gone.
 */
export const pythonProfiler: Profiler = {
  async profile({ pid }, seconds, signal) {
    const directory = mkdtempSync(join(tmpdir(), "foreshadow-profile-"));
    const output = join(directory, "stacks");
    try {
      const at = Date.now() / 1000;
      await run(
        [
          "record",
          ...["--pid", `${pid}`],
          ...["--format", "raw"],
          // Functions by their first line, so that one is one.
          "--function",
          "--nonblocking",
          ...["--rate", `${RATE}`],
          ...["--duration", `${seconds}`],
          ...["--output", output],
        ],
        signal,
      );
      const { size } = statSync(output);
      if (size > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES} bytes of py-spy, found ${size}`);
      return collapsedProfile(readFileSync(output, "utf8"), { at, seconds, period: 1 / RATE });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

function run(args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // SIGINT ends a recording in good order.
    const child = spawn("py-spy", args, { stdio: ["ignore", "ignore", "pipe"], signal, killSignal: "SIGINT" });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (said.length < MOST_SAID) said += text;
    });
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new Error("py-spy is not on PATH (pip install py-spy)") : error),
    );
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`py-spy: ${said.trim().replace(/\s+/g, " ").slice(0, 300) || `it ended with ${code}`}`));
    });
  });
}
