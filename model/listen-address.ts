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

/** Whether `parseListenAddress` would take the text. */
export function isListenAddress(text: string): boolean {
  try {
    parseListenAddress(text, "");
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
