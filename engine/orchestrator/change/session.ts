import type { Operation, Preview } from "./infrastructure.port.ts";

/**
 * What one pass through the steps has at hand and a later one would have to make again: the operation's process, and a preview that still is
 * what the world looks like. Nothing in it needs to survive a crash.
 */
export class Session {
  #operation: Operation | undefined;
  /** The preview of the commit that is about to be applied, taken in this pass. */
  preview: Preview | undefined;

  /** The identifier under which the operation runs, `undefined` before there is one. */
  identifier: string | undefined;

  async operation(begin: () => Promise<Operation>, identifier: string): Promise<Operation> {
    if (this.#operation === undefined) {
      this.#operation = await begin();
      this.identifier = identifier;
    }
    return this.#operation;
  }

  /** Ends the operation's process: after a failure its successor gets a new one. */
  async end(): Promise<void> {
    const operation = this.#operation;
    this.#operation = undefined;
    this.identifier = undefined;
    this.preview = undefined;
    await operation?.end();
  }
}
