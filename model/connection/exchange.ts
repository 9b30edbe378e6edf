import type { Agent, IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { http, https } from "./http-modules.ts";

export interface Exchange {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  /** Of the address's protocol. */
  readonly agent?: Agent | HttpsAgent;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** Bytes that an answer may have on the wire. */
  readonly most: number;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/**
 * One request and its answer, bounded in time and size. Redirections are not followed: a token would go with them.
 *
 * @throws Error when there is no whole answer in time, or it is longer than allowed
 */
export function exchange(url: URL, { method, headers, body, agent, timeout, most, signal }: Exchange): Promise<Answer> {
  const { request: open } = url.protocol === "https:" ? https() : http();
  const length = body === undefined ? {} : { "content-length": body.length };
  return new Promise((resolve, reject) => {
    const request = open(url, { method, agent, signal, headers: { ...headers, ...length } }, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on("data", (part: Buffer) => {
        size += part.length;
        if (size <= most) parts.push(part);
        else request.destroy(new Error(`the answer is longer than ${most} bytes`));
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer in ${timeout / 1000} s`)), timeout);
    request.on("error", reject);
    request.on("close", () => clearTimeout(timer));
    request.end(body);
  });
}
