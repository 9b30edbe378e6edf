import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { socketPath } from "./socket-path.ts";

/**
 * Serves the API on the Unix socket of a store. Only the user who runs the engine can reach it: the socket has mode 0600
 * in a directory of mode 0700.
 *
 * @throws Error when another engine listens there
 */
export async function serveOnSocket(
  listener: RequestListener,
  store: string,
): Promise<{ close(): Promise<void>; path: string }> {
  const { path, directory } = socketPath(store);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (existsSync(path)) {
    if (await answers(path)) throw new Error(`another engine answers on ${path}; stop it first, or use another store`);
    rmSync(path, { force: true });
  }
  const server = createServer(listener);
  server.requestTimeout = 30_000;
  const mask = process.umask(0o177);
  try {
    await listen(server, path);
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600);
  return { path, close: () => closeServer(server) };
}

/** Takes no new connection and ends those that there are. */
export function closeServer(server: Pick<Server, "close" | "closeAllConnections">): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Whether somebody accepts connections on the socket; a file without a listener is what a killed engine leaves. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
