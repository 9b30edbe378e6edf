import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join, relative, resolve } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { ListenError } from "../model/listen-address.ts";
import { Gate } from "./api/access/gate.ts";
import type { Principal } from "./api/access/principal.ts";
import { Sessions } from "./api/access/sessions.ts";
import { TokenFile } from "./api/access/token-file.ts";
import type { ApiEngine, ApiRecords } from "./api/api-engine.port.ts";
import { type AppOptions, createApp } from "./api/app.ts";
import { Refused } from "./api/engine-control.port.ts";
import { networkPlace, serveOnNetwork } from "./api/network-server.ts";
import { serveOnSocket } from "./api/socket-server.ts";
import { readLedger } from "./ledger-check.ts";
import type { ProjectFiles } from "./project-files.ts";
import { systemClock } from "./system-clock.ts";

/** Where the tokens of a store are. */
export function tokenFile({ store }: Pick<ProjectFiles, "store">): TokenFile {
  return new TokenFile(join(store, "tokens.json"));
}

export interface ServedApi {
  /** Path of the socket. */
  readonly socket: string;
  /** Address of the web page, where it is served. */
  readonly url?: string;
  close(): Promise<void>;
}

/**
 * Serves an engine's API on the socket of its store, and on the network where the project file says so.
 *
 * @param say told what a person should know
 * @throws Error when another engine has the socket; InputError and ListenError on what `api` says
 */
export async function serveApi(
  engine: ApiEngine,
  files: ProjectFiles,
  say: (text: string) => void,
): Promise<ServedApi> {
  const tokens = tokenFile(files);
  const { now } = systemClock;
  const standing = tokens.read().filter(({ expiresAt, revokedAt }) => revokedAt === undefined && expiresAt > now());
  const place = networkPlace(files.project, files.root, standing.length);
  const sessions = new Sessions(() => randomBytes(32).toString("base64url"));
  const records = recordsOf(files);
  let url: string | undefined;
  const webLink = (principal: Principal) => {
    if (url === undefined) throw new Refused("the engine serves no web page; see api.listen in foreshadow.yaml");
    const { code, expiresAt } = sessions.issueCode(principal, now());
    return { url: `${url}#login=${code}`, expiresAt };
  };
  const socket = await serveOnSocket(listenerOf({ engine, records, webLink }), files.store);
  if (place === undefined) return { socket: socket.path, close: socket.close };
  try {
    const gate = new Gate({ ...place, tokens: () => tokens.read(), sessions, now });
    const network = await serveOnNetwork(listenerOf({ engine, records, gate }), place);
    const host = place.host.includes(":") ? `[${place.host}]` : place.host;
    url = `${place.tls === undefined ? "http" : "https"}://${host}:${network.port}/`;
    return {
      socket: socket.path,
      url,
      close: async () => {
        await network.close();
        await socket.close();
      },
    };
  } catch (error) {
    // Nobody has asked for the default address: an engine does not stay down for it.
    if (error instanceof ListenError && files.project.api.listen === undefined) {
      say(`${error.message}; set api.listen in foreshadow.yaml`);
      return { socket: socket.path, close: socket.close };
    }
    await socket.close();
    throw error;
  }
}

function listenerOf(options: AppOptions): RequestListener {
  return getRequestListener(createApp(options).fetch, { overrideGlobalObjects: false });
}

function recordsOf(files: ProjectFiles): ApiRecords {
  return { verifyLedger: () => readLedger(files), settings: async () => settingsOf(files) };
}

/** The project file, and the constraint, catalogue and capacity files of its workloads. Secrets stand in none of them. */
function settingsOf({ file, root, project }: ProjectFiles): { path: string; text: string }[] {
  const paths = new Set([file]);
  for (const { constraints, catalogue, stack } of project.workloads) {
    paths.add(resolve(root, constraints));
    paths.add(resolve(root, "capacity", `${stack.name}.yaml`));
    if (catalogue !== undefined) paths.add(resolve(root, catalogue));
  }
  return [...paths]
    .filter((path) => existsSync(path))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}
