import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Where the packages that results are compared with are installed, once. */
const ENVIRONMENT = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "foreshadow", "oracles");
const PACKAGES = ["prophet==1.5.0", "statsmodels==0.15.0", "statsforecast==2.1.1"];

/** The Python of a virtual environment with the packages; made at the first use, which takes minutes. */
function python(): string {
  const program = join(ENVIRONMENT, "bin", "python");
  if (!existsSync(join(ENVIRONMENT, "complete"))) {
    process.stderr.write(`installing ${PACKAGES.join(", ")} in ${ENVIRONMENT}\n`);
    execFileSync("python3", ["-m", "venv", ENVIRONMENT], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync(program, ["-m", "pip", "install", "--quiet", ...PACKAGES], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync("touch", [join(ENVIRONMENT, "complete")]);
  }
  return program;
}

/** A Python program beside this file that answers each line of JSON with one. */
export class PythonOracle {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;
  private readonly answers: AsyncIterator<string>;

  /** One thread: times are compared with those of one thread. */
  constructor(program: string) {
    this.child = spawn(python(), [fileURLToPath(new URL(program, import.meta.url))], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        OMP_NUM_THREADS: "1",
        OPENBLAS_NUM_THREADS: "1",
        NUMBA_NUM_THREADS: "1",
        PYTHONDONTWRITEBYTECODE: "1",
      },
    });
    this.lines = createInterface({ input: this.child.stdout });
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  async ask<Answer>(question: unknown): Promise<Answer> {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error("the Python program ended before it answered");
    return JSON.parse(value) as Answer;
  }

  close(): void {
    this.child.stdin.end();
  }
}
