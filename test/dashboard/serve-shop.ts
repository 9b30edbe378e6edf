import { randomBytes } from "node:crypto";
import { getRequestListener } from "@hono/node-server";
import { Gate } from "../../engine/api/access/gate.ts";
import type { Scope } from "../../engine/api/access/principal.ts";
import { Sessions } from "../../engine/api/access/sessions.ts";
import { newToken, type StoredToken } from "../../engine/api/access/token.ts";
import type { ApiEngine, ApiRecords } from "../../engine/api/api-engine.port.ts";
import { createApp } from "../../engine/api/app.ts";
import { serveOnNetwork } from "../../engine/api/network-server.ts";

const ADDRESS = { host: "127.0.0.1", secure: false, proxy: false, hosts: ["127.0.0.1"] } as const;

/** Serves an engine as the engine serves itself on the network, with tokens in memory; it can be stopped and started anew. */
export async function serveShop({ engine, records }: { readonly engine: ApiEngine; readonly records: ApiRecords }) {
  const tokens: StoredToken[] = [];
  const now = () => Date.now() / 1000;
  const random = () => randomBytes(32).toString("base64url");
  let sessions = new Sessions(random);
  const listen = (port: number) => {
    const gate = new Gate({ ...ADDRESS, tokens: () => tokens, sessions, now });
    const { fetch } = createApp({ engine, records, gate });
    return serveOnNetwork(getRequestListener(fetch, { overrideGlobalObjects: false }), { ...ADDRESS, port });
  };
  let server = await listen(0);
  const { port } = server;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    /** The address that `foreshadow web` would print. */
    link(name = "ann", { scopes = ["admin"] as readonly Scope[], person = true } = {}): string {
      const { code } = sessions.issueCode({ name, scopes, person }, now());
      return `http://127.0.0.1:${port}/#login=${code}`;
    },
    token(name: string, scopes: readonly Scope[], person: boolean): string {
      const { token, stored } = newToken({ name, scopes, person, lifetime: 3600 }, now(), randomBytes);
      tokens.push(stored);
      return token;
    },
    stop: () => server.close(),
    /** On the same port. @param forget whether the sessions are gone, as with a new process */
    async start(forget: boolean): Promise<void> {
      if (forget) sessions = new Sessions(random);
      server = await listen(port);
    },
  };
}
