import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The kernel's limit on the path of a Unix socket is 107 bytes (sun_path in unix(7)). */
const LONGEST = 107;

/** Where the engine of a store listens: in the store, or in a private directory of a short name where that path is too long. */
export function socketPath(store: string): { readonly path: string; readonly directory: string } {
  const path = join(store, "engine.sock");
  if (Buffer.byteLength(path) <= LONGEST) return { path, directory: store };
  const digest = createHash("sha256").update(store).digest("hex").slice(0, 12);
  const directory = join(tmpdir(), `foreshadow-${process.getuid?.() ?? 0}-${digest}`);
  return { path: join(directory, "engine.sock"), directory };
}
