import { statfs } from "node:fs/promises";

/**
 * Used bytes of the file system that a directory is on. Asked for in the background, since statfs(2) of a file system whose
 * server is away does not return: a figure that is too old is no figure.
 */
export class FileSystemUse {
  readonly #path: string;
  #busy = false;
  #used = Number.NaN;
  #at = Number.NEGATIVE_INFINITY;
  error: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The last figure if it is at most `maxAge` seconds old, else `NaN`; and asks for the next. */
  read(now: number, maxAge: number): number {
    void this.refresh(now);
    return now - this.#at <= maxAge ? this.#used : Number.NaN;
  }

  /** @param now seconds of a monotonic clock */
  async refresh(now: number): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const { blocks, bfree, bsize } = await statfs(this.#path);
      this.#used = (blocks - bfree) * bsize;
      this.#at = now;
      this.error = undefined;
    } catch (error) {
      this.error = (error as NodeJS.ErrnoException).code ?? "EIO";
      this.#used = Number.NaN;
    } finally {
      this.#busy = false;
    }
  }
}
