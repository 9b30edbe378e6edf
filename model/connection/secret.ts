import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { InputError } from "../input-error.ts";
import type { SecretSource } from "./connection.ts";

/** Longer than any token; a bound on what is read. */
const MOST_CHARACTERS = 4096;

/**
 * The text of a secret, read anew at each call, so that one that was replaced is taken up. The text is in no message.
 *
 * @param what names the setting in messages
 * @param root directory that a relative path starts from
 * @throws InputError when there is none, or when it is no single line of visible ASCII
 */
export function readSecret(source: SecretSource, what: string, root: string, env: NodeJS.ProcessEnv): string {
  const place = "env" in source ? `the environment variable ${source.env}` : resolve(root, source.file);
  const problem = (found: string) =>
    new InputError(what, [{ path: "", expected: `a secret of visible ASCII in ${place}`, found }]);
  let text: string | undefined;
  try {
    text = ("env" in source ? env[source.env] : readFileSync(resolve(root, source.file), "latin1"))?.trim();
  } catch (error) {
    throw problem((error as NodeJS.ErrnoException).code ?? "an error");
  }
  if (text === undefined || text === "") throw problem("nothing");
  if (text.length > MOST_CHARACTERS || !/^[\x21-\x7e]+$/.test(text)) throw problem("something else");
  return text;
}
