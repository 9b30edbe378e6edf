import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { siblingModule } from "../../model/sibling.ts";
import { InfrastructureError } from "../orchestrator/change/infrastructure.port.ts";
import { file, type OperationDirectory, readJson, writeJson } from "./operation-directory.ts";
import type { RunnerRequest, RunnerResult, RunnerValues } from "./runner-protocol.ts";

/** The engine's end of a runner process: asks for one thing after the other, and learns from the files what came of it. */
export class RunnerClient {
  readonly #directory: OperationDirectory;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #answers = new Map<number, () => void>();
  #n = 0;

  constructor(directory: OperationDirectory, env: NodeJS.ProcessEnv) {
    this.#directory = directory;
    const log = openSync(file.log(directory), "a", 0o600);
    this.#child = spawn(process.execPath, [siblingModule(import.meta.url, "./runner"), directory.path], {
      detached: true,
      stdio: ["pipe", "pipe", log],
      cwd: directory.path,
      env,
    });
    closeSync(log);
    this.#child.stdin?.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", () => resolve());
      this.#child.once("exit", () => resolve());
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#answers.get(Number(line))?.());
  }

  /**
   * Asks and waits. The request is on disk before the runner hears of it.
   *
   * @throws InfrastructureError what the runner says, or `lost` when it ends without saying anything
   */
  async ask<Kind extends RunnerRequest["kind"]>(
    request: Extract<RunnerRequest, { kind: Kind }>,
  ): Promise<RunnerValues[Kind]> {
    const n = ++this.#n;
    writeJson(file.request(this.#directory, n), request);
    const answered = new Promise<void>((resolve) => this.#answers.set(n, resolve));
    this.#child.stdin?.write(`${n}\n`);
    await Promise.race([answered, this.#ended]);
    this.#answers.delete(n);
    const result = readJson<RunnerResult<Kind>>(file.result(this.#directory, n));
    if (result === undefined)
      throw new InfrastructureError(
        "lost",
        `the process of ${request.kind} ended before its answer: ${this.#reason()}`,
      );
    if (!result.ok) throw new InfrastructureError(result.failure, result.message);
    return result.value;
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }

  #reason(): string {
    const { exitCode, signalCode } = this.#child;
    return `${signalCode ?? `exit code ${exitCode}`}; see ${file.log(this.#directory)}`;
  }
}
