import { resolve } from "node:path";
import type { Command } from "commander";
import { httpSource } from "../engine/open-intake.ts";
import type { HttpSource } from "../engine/usage/pull/http-source.ts";
import { address, connection, type Security } from "../model/connection/connection.ts";
import { InputError } from "../model/input-error.ts";

/** How a server that a command reads from is secured. Secrets are named, never given: arguments are seen by others. */
export interface ServerArguments {
  readonly tokenFile?: string;
  readonly tokenEnv?: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** Adds the options of `ServerArguments`. */
export function withServerOptions(command: Command): Command {
  return command
    .option("--token-file <file>", "bearer token for the server, in a file")
    .option("--token-env <name>", "the same, in an environment variable")
    .option("--ca <file>", "PEM of the authorities that the server's certificate is checked against")
    .option("--certificate <file>", "PEM of a certificate to show, with --key: mutual TLS")
    .option("--key <file>", "PEM of its key");
}

/** A server as a project file has it; paths from the root of the file system, for they were given from here. */
export type ServerSettings = Security & { readonly url: string };

/**
 * The server at an address, secured as the options say.
 *
 * @throws InputError where they do not fit together, such as a token without https
 */
export function serverSettings(url: string, options: ServerArguments): ServerSettings {
  const { tokenFile, tokenEnv } = options;
  if (tokenFile !== undefined && tokenEnv !== undefined)
    throw new InputError("--token-file", [{ path: "", expected: "a file or --token-env", found: "both" }]);
  const token =
    tokenFile !== undefined ? { file: resolve(tokenFile) } : tokenEnv !== undefined ? { env: tokenEnv } : undefined;
  const files = (["ca", "certificate", "key"] as const).flatMap((name) => {
    const file = options[name];
    return file === undefined ? [] : [[name, resolve(file)] as const];
  });
  const parsed = connection({ url: address }).safeParse({
    url,
    ...(token && { token }),
    ...Object.fromEntries(files),
  });
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new InputError("--prometheus", [{ path: path.join("."), expected: message, found: url }]);
}

/** The connection to it. */
export function serverOf(settings: ServerSettings): HttpSource {
  return httpSource(settings, "--prometheus", { root: process.cwd() }, process.env);
}
