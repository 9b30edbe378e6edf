import { closeSync, openSync, readSync } from "node:fs";

/** How many descriptors may be kept open. Beyond it files are opened and closed for each read. */
export interface DescriptorBudget {
  readonly limit: number;
  used: number;
}

/**
 * A file of /proc or a cgroup that is read again and again. The descriptor is kept, since opening costs more than reading;
 * a kept descriptor also ties the file to its process: after the process's exit a read fails with ESRCH, even if the pid
 * was given to another one.
 */
export class KernelFile {
  readonly path: string;
  /** Code of the last read's error, `ESRCH`, `ENOENT`, `EACCES`; undefined when it succeeded. */
  error: string | undefined;
  readonly #budget: DescriptorBudget;
  #descriptor = -1;

  constructor(path: string, budget: DescriptorBudget) {
    this.path = path;
    this.#budget = budget;
  }

  /**
   * Reads from the start. Returns the number of bytes, at most the buffer's, or -1 on an error.
   *
   * @param whole for files that list things: the kernel hands those out a page at a time
   */
  read(buffer: Buffer, whole = false): number {
    const kept = this.#descriptor !== -1;
    let descriptor = this.#descriptor;
    try {
      if (!kept) descriptor = openSync(this.path, "r");
      let length = readSync(descriptor, buffer, 0, buffer.length, 0);
      for (let more = length; whole && more > 0 && length < buffer.length; length += more)
        more = readSync(descriptor, buffer, length, buffer.length - length, length);
      this.error = undefined;
      if (!kept) this.#keep(descriptor);
      return length;
    } catch (error) {
      this.error = (error as NodeJS.ErrnoException).code ?? "EIO";
      if (kept) this.close();
      else if (descriptor !== -1) closeSync(descriptor);
      return -1;
    }
  }

  #keep(descriptor: number): void {
    if (this.#budget.used >= this.#budget.limit) {
      closeSync(descriptor);
      return;
    }
    this.#budget.used++;
    this.#descriptor = descriptor;
  }

  close(): void {
    if (this.#descriptor === -1) return;
    closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#budget.used--;
  }
}

/** Whether an error code says that the process, thread or cgroup is no more. */
export function isGone(code: string | undefined): boolean {
  return code === "ESRCH" || code === "ENOENT" || code === "ENODEV";
}
