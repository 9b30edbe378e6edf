import type { Agent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { exchange } from "../connection/exchange.ts";
import { http, https } from "../connection/http-modules.ts";
import type { TlsMaterial } from "../connection/tls-files.ts";
import { partialSuccess, statusMessage } from "./answer.ts";
import { retryAfter } from "./retry.ts";

/** OTLP/HTTP's answers after which the same request may be sent again; after any other it would fail again. */
const RETRYABLE = new Set([408, 429, 502, 503, 504]);
/** What a change of the token or the certificates may cure. */
const DENIED = new Set([401, 403]);
const TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 64 * 1024;
/** Below it compression saves no packet. */
const WORTH_COMPRESSING = 1400;
const compress = promisify(gzip);

/** How the receiver is reached. What it reads is read anew after each failure, so that what was replaced is taken up. */
export interface ReceiverOptions {
  /** Without the path, `https://engine.example:4318`. */
  readonly url: string;
  /** What is sent. */
  readonly signal: "metrics" | "traces";
  /** @throws InputError when there is none */
  readonly token?: () => string;
  /** @throws InputError when a file is not what it should be */
  readonly tls?: () => TlsMaterial;
}

/** What became of a request. */
export type Delivery =
  | { readonly outcome: "taken"; readonly rejected: number; readonly reason: string }
  | { readonly outcome: "refused"; readonly reason: string }
  /** Seconds that the receiver asks to wait for, where it does. */
  | { readonly outcome: "failed"; readonly reason: string; readonly wait?: number };

/** The other end of OTLP/HTTP: takes one request at a time. */
export class Receiver {
  readonly origin: string;
  readonly #url: URL;
  readonly #options: ReceiverOptions;
  /** On this host a packet costs less than its compression. */
  readonly #compressed: boolean;
  #agent: Agent | HttpsAgent | undefined;
  #token: string | undefined;

  /** @throws TypeError when the URL is not one of http or https */
  constructor(options: ReceiverOptions) {
    const url = new URL(options.url);
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new TypeError(`the OTLP endpoint must be a URL such as https://HOST:4318, found ${options.url}`);
    this.origin = url.origin;
    this.#url = new URL(`${url.pathname.replace(/\/$/, "")}/v1/${options.signal}`, url);
    this.#options = options;
    this.#compressed = !/^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(url.hostname);
  }

  /** Never throws: what went wrong is told. */
  async deliver(bytes: Buffer): Promise<Delivery> {
    let delivery: Delivery;
    try {
      delivery = await this.#post(bytes);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A message of OpenSSL begins with what only its authors understand.
      delivery = {
        outcome: "failed",
        reason: code === undefined || message.includes(code) ? message : `${code}: ${message}`,
      };
    }
    if (delivery.outcome === "failed") this.close();
    return delivery;
  }

  async #post(bytes: Buffer): Promise<Delivery> {
    const { token, tls } = this.#options;
    this.#agent ??=
      this.#url.protocol === "https:"
        ? new (https().Agent)({ keepAlive: true, maxSockets: 1, ...tls?.() })
        : new (http().Agent)({ keepAlive: true, maxSockets: 1 });
    this.#token ??= token?.();
    const small = !this.#compressed || bytes.length < WORTH_COMPRESSING;
    const body = small ? bytes : await compress(bytes, { level: constants.Z_BEST_SPEED });
    const {
      status,
      headers,
      body: answer,
    } = await exchange(this.#url, {
      method: "POST",
      headers: {
        "content-type": "application/x-protobuf",
        ...(small ? {} : { "content-encoding": "gzip" }),
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      },
      body,
      agent: this.#agent,
      timeout: TIMEOUT_MS,
      most: MOST_ANSWER_BYTES,
    });
    if (status === 200) return { outcome: "taken", ...partialSuccess(answer) };
    const reason = `${status} ${statusMessage(answer)}`.trim();
    if (!RETRYABLE.has(status) && !DENIED.has(status)) return { outcome: "refused", reason };
    return { outcome: "failed", reason, wait: retryAfter(headers["retry-after"], Date.now() / 1000) };
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
    this.#token = undefined;
  }
}
