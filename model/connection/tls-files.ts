import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { InputError } from "../input-error.ts";
import type { Security } from "./connection.ts";

/** Longer than any chain of certificates; a bound on what is read. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What Node's TLS takes. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * The certificates and the key that the settings name. What a key file holds is in no message.
 *
 * @param what names the setting in messages, `agent.send`
 * @param root directory that a relative path starts from
 * @throws InputError when a file cannot be read or holds no PEM
 */
export function readTlsFiles(files: Omit<Security, "token">, what: string, root: string): TlsMaterial {
  const read = (setting: "ca" | "certificate" | "key") => {
    const file = files[setting];
    return file === undefined ? undefined : readPem(resolve(root, file), `${what}.${setting}`);
  };
  const [ca, cert, key] = [read("ca"), read("certificate"), read("key")];
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

function readPem(path: string, what: string): string {
  const problem = (found: string) => new InputError(what, [{ path: "", expected: `a PEM file at ${path}`, found }]);
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    throw problem((error as NodeJS.ErrnoException).code ?? "an error");
  }
  if (text.length > MOST_BYTES || !text.includes("-----BEGIN ")) throw problem("something else");
  return text;
}
