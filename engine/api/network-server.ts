import { readFileSync } from "node:fs";
import { createServer as createHttp, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { InputError } from "../../model/input-error.ts";
import { ListenError } from "../../model/listen-address.ts";
import type { Project } from "../../model/project.ts";
import { closeServer } from "./socket-server.ts";

const ADDRESS = /^(?:\[([0-9a-f:.]+)\]|([^:\s[\]]+)):(\d{1,5})$/i;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;
const DEFAULT = "127.0.0.1:9479";

/** Where the API is to be served on the network, and how. */
export interface NetworkPlace {
  readonly host: string;
  readonly port: number;
  /** It is reached by TLS, by itself or by the proxy in front. */
  readonly secure: boolean;
  readonly proxy: boolean;
  /** Names by which it may be called. */
  readonly hosts: readonly string[];
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

/**
 * What a project file says of where the API is. Beyond loopback only by TLS or behind a proxy, and only with tokens: a page that acts on infrastructure is
 * not to be had by whoever finds it.
 *
 * @param root directory of the project file
 * @param tokens how many tokens let somebody in
 * @returns undefined where it is to be nowhere
 * @throws InputError on what is not safe, or not there
 */
export function networkPlace({ api }: Pick<Project, "api">, root: string, tokens: number): NetworkPlace | undefined {
  const { listen = DEFAULT, certificate, key, proxy } = api;
  if (listen === "none") return undefined;
  const wrong = (path: string, expected: string, found: string) =>
    new InputError("foreshadow.yaml", [{ path, expected, found }]);
  const [, six, four, digits] = ADDRESS.exec(listen.trim()) ?? [];
  const [host, port] = [six ?? four, Number(digits)];
  if (host === undefined || port > 65_535)
    throw wrong("api.listen", "an address such as 127.0.0.1:9479, or none", `"${listen}"`);
  const read = (path: string, what: string) => {
    try {
      return readFileSync(resolve(root, path));
    } catch (error) {
      throw wrong(`api.${what}`, "a readable file", (error as NodeJS.ErrnoException).code ?? String(error));
    }
  };
  const tls =
    certificate === undefined || key === undefined
      ? undefined
      : { cert: read(certificate, "certificate"), key: read(key, "key") };
  const beyond = !LOOPBACK.test(host);
  if (beyond && tls === undefined && !proxy)
    throw wrong("api.listen", "a loopback address, or api.certificate and api.key, or api.proxy: true", listen);
  if (beyond && tokens === 0)
    throw wrong("api.listen", "a loopback address until there is a token (`foreshadow token create`)", listen);
  const names = ["localhost", "127.0.0.1", "[::1]", six === undefined ? host : `[${six}]`, ...api.hosts];
  const hosts = [...new Set(names.map((name) => name.toLowerCase()))];
  return { host, port, secure: tls !== undefined || proxy, proxy, hosts, ...(tls && { tls }) };
}

/** Serves on the network. @throws ListenError */
export async function serveOnNetwork(
  listener: RequestListener,
  { host, port, tls }: NetworkPlace,
): Promise<{ close(): Promise<void>; readonly port: number }> {
  const server: Server =
    tls === undefined ? createHttp(listener) : createHttps({ ...tls, minVersion: "TLSv1.2" }, listener);
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 1024;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new ListenError("the API and its web page (api.listen)", { host, port }, error.code ?? error.message)),
    );
    server.listen(port, host, () => resolve());
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}
