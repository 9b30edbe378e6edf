import { createServer } from "node:net";
import { digestOf } from "../runtime/spec.ts";

const PAUSE_MILLISECONDS = 20;
const PATIENCE_MILLISECONDS = 90_000;

/**
 * Runs `action` while no other process on this host (or caller in this one) holds the same name. The lock is an abstract
 * socket, so the kernel releases it at the holder's death, however that comes, and no file is left.
 *
 * @throws Error after 90 s of waiting
 */
export async function withLock<T>(name: string, action: () => Promise<T>): Promise<T> {
  const release = await acquire(name);
  try {
    return await action();
  } finally {
    await release();
  }
}

async function acquire(name: string): Promise<() => Promise<void>> {
  const path = `\0foreshadow-lock-${digestOf(name)}`;
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const server = createServer((connection) => connection.destroy());
    const held = await new Promise<boolean>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        error.code === "EADDRINUSE" ? resolve(false) : reject(error),
      );
      server.listen({ path }, () => resolve(true));
    });
    if (held) {
      server.unref();
      return () => new Promise((resolve) => server.close(() => resolve()));
    }
    if (performance.now() > deadline)
      throw new Error(
        `expected ${name} to be free, found it locked for 90 s by another process; wait for that operation to end`,
      );
    await new Promise((done) => setTimeout(done, PAUSE_MILLISECONDS));
  }
}
