import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerByGit } from "../../test/review/git-http-backend.ts";

/**
 * For tests: git's own HTTP backend behind a server on loopback.
 *
 * @param directory whose repositories are served; they need `http.receivepack`
 */
export async function serveGit(directory: string) {
  const state = { down: false, pushes: 0 };
  const server = createServer((request, response) => {
    if (state.down) {
      response.writeHead(503).end();
      return;
    }
    if (request.method === "POST" && request.url!.endsWith("/git-receive-pack")) state.pushes++;
    answerByGit(directory, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (name: string) => `http://127.0.0.1:${port}/${name}`,
    state,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
