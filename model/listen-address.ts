import { isIP } from "node:net";
import { InputError } from "./input-error.ts";

/** Where a server of ours listens. Port 0 lets the kernel choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * An address to listen on, `127.0.0.1:9477` or `[::1]:9477`. Loopback only: nothing of ours is reachable from other hosts.
 *
 * @param what names the setting in the message
 * @throws InputError when the text is not such an address
 */
export function parseListenAddress(text: string, what: string): ListenAddress {
  const match = /^(?:\[(::1)\]|(127(?:\.\d{1,3}){3}|localhost)):(\d{1,5})$/.exec(text.trim());
  const port = match ? Number(match[3]) : Number.NaN;
  if (match && port <= 65535) return { host: match[1] ?? match[2], port };
  throw new InputError(what, [{ path: "", expected: "a loopback address such as 127.0.0.1:9477", found: `"${text}"` }]);
}

/**
 * An address to listen on that may be reached from other hosts, `0.0.0.0:4318`, `[::]:4318` or `192.0.2.1:4318`.
 *
 * @param what names the setting in the message
 * @throws InputError when the text is no address of a host and a port
 */
export function parseOpenAddress(text: string, what: string): ListenAddress & { readonly loopback: boolean } {
  if (isListenAddress(text)) return { ...parseListenAddress(text, what), loopback: true };
  const [, v6, v4, port] = /^(?:\[([0-9a-fA-F:]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/.exec(text.trim()) ?? [];
  const host = v6 ?? v4 ?? "";
  if (isIP(host) !== 0 && Number(port) <= 65535) return { host, port: Number(port), loopback: false };
  throw new InputError(what, [
    { path: "", expected: "an address such as 127.0.0.1:4318 or 0.0.0.0:4318", found: `"${text}"` },
  ]);
}

/** Whether `parseListenAddress` would take the text. */
export function isListenAddress(text: string): boolean {
  return succeeds(() => parseListenAddress(text, ""));
}

/** Whether `parseOpenAddress` would take the text. */
export function isOpenAddress(text: string): boolean {
  return succeeds(() => parseOpenAddress(text, ""));
}

function succeeds(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

/** A server could not take its address. The message says what to do. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: ListenAddress;
  readonly code: string;

  constructor(what: string, address: ListenAddress, code: string) {
    super(`${what} cannot listen on ${address.host}:${address.port}: ${explain(code)}`);
    this.address = address;
    this.code = code;
  }
}

function explain(code: string): string {
  if (code === "EADDRINUSE") return "the port is in use; stop the other process or choose another port";
  if (code === "EACCES") return "not permitted; choose a port above 1023";
  if (code === "EADDRNOTAVAIL") return "this host does not have that address";
  return code;
}
