import { Agent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { exchange } from "../../../model/connection/exchange.ts";
import type { TlsMaterial } from "../../../model/connection/tls-files.ts";

const MOST_BYTES = 32 * 1024 * 1024;
const MOST_INFLATED = 64 * 1024 * 1024;
const inflate = promisify(gunzip);

/** How a server that usage is got from is reached. */
export interface HttpSourceOptions {
  readonly url: string;
  /** @throws InputError when there is none */
  readonly token?: () => string;
  /** @throws InputError when a file is not what it should be */
  readonly tls?: () => TlsMaterial;
  /** Milliseconds for an answer. */
  readonly timeout: number;
}

export interface Page {
  readonly text: string;
  readonly type: string;
}

/** A server that usage is got from. Certificates are read again after each failure. */
export class HttpSource {
  readonly #options: HttpSourceOptions;
  #agent: Agent | HttpsAgent | undefined;

  constructor(options: HttpSourceOptions) {
    this.#options = options;
  }

  /** @throws Error that says what came instead of an answer */
  async get(path: string, accept: string): Promise<Page> {
    return this.#request("GET", path, accept);
  }

  /** @throws Error that says what came instead of an answer */
  async post(path: string, form: Readonly<Record<string, string>>): Promise<Page> {
    return this.#request("POST", path, "application/json", Buffer.from(new URLSearchParams(form).toString()));
  }

  async #request(method: "GET" | "POST", path: string, accept: string, body?: Buffer): Promise<Page> {
    const { url, token, tls, timeout } = this.#options;
    const address = new URL(url);
    if (path !== "") address.pathname = `${address.pathname.replace(/\/$/, "")}${path}`;
    try {
      this.#agent ??=
        address.protocol === "https:"
          ? new HttpsAgent({ keepAlive: true, maxSockets: 4, ...tls?.() })
          : new Agent({ keepAlive: true, maxSockets: 4 });
      const answer = await exchange(address, {
        method,
        body,
        headers: {
          accept,
          "accept-encoding": "gzip",
          ...(body && { "content-type": "application/x-www-form-urlencoded" }),
          ...(token && { authorization: `Bearer ${token()}` }),
        },
        agent: this.#agent,
        timeout,
        most: MOST_BYTES,
      });
      const { headers, status } = answer;
      const content =
        headers["content-encoding"] === "gzip"
          ? await inflate(answer.body, { maxOutputLength: MOST_INFLATED })
          : answer.body;
      const text = content.toString("utf8");
      if (status !== 200) throw new Error(`${status} ${text.slice(0, 200).replace(/\s+/g, " ")}`.trim());
      return { text, type: headers["content-type"] ?? "" };
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }
}
