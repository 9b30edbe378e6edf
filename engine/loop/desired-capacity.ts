import { type Capacity, type CapacityFile, parseCapacity } from "../../model/capacity.ts";
import type { Workload } from "../../model/project.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";

type Read = Promise<CapacityFile | undefined>;

/** Reads a capacity file. @throws InputError with file, line, path and what was expected */
export type CapacityParser = (text: string, file: string) => Promise<CapacityFile>;

/**
 * What git asks for: the capacity files on the branch. The branch is looked up once a tick and a file is read once a commit, however
 * many workloads share it.
 */
export class DesiredCapacity {
  readonly #review: Pick<ReviewHost, "head" | "read">;
  #head: Promise<string> | undefined;
  #commit: string | undefined;
  readonly #files = new Map<string, Read>();
  /** The last text of each file, and what it says. */
  readonly #parsed = new Map<string, { readonly text: string; readonly capacities: CapacityFile }>();
  readonly #parser: CapacityParser;

  /** @param parser on the calling thread unless given */
  constructor(
    review: Pick<ReviewHost, "head" | "read">,
    parser: CapacityParser = async (text, file) => parseCapacity(text, file),
  ) {
    this.#review = review;
    this.#parser = parser;
  }

  /** From now on the branch may stand elsewhere. */
  beginTick(): void {
    this.#head = undefined;
  }

  /** @throws Error where the branch has no capacity for the workload; ReviewHostError, InputError on a wrong file */
  async of({ name, stack }: Workload): Promise<Capacity> {
    this.#head ??= this.#review.head();
    const commit = await this.#head;
    if (commit !== this.#commit) this.#files.clear();
    this.#commit = commit;
    const path = `capacity/${stack.name}.yaml`;
    const capacities = await (this.#files.get(path) ?? this.#read(commit, path));
    const capacity = capacities?.get(name);
    if (capacity !== undefined) return capacity;
    const found = capacities === undefined ? "no such file" : "no such workload";
    throw new Error(`${path}: expected the workload ${name} on the branch, found ${found}; commit it`);
  }

  /** Most commits leave most files as they were, and a file of hundreds of workloads takes a while. */
  async #parse(text: string, path: string): Promise<CapacityFile> {
    const known = this.#parsed.get(path);
    if (known?.text === text) return known.capacities;
    const capacities = await this.#parser(text, path);
    this.#parsed.set(path, { text, capacities });
    return capacities;
  }

  #read(commit: string, path: string): Read {
    const file = this.#review
      .read(commit, path)
      .then((text) => (text === undefined ? undefined : this.#parse(text, path)));
    this.#files.set(path, file);
    // What could not be read is tried again at the next tick.
    file.catch(() => this.#files.delete(path));
    return file;
  }
}
