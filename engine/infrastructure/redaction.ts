import { MASKED, withoutCredentials } from "../../model/credentials.ts";

/** Names of variables that hold a secret. */
const SECRET_NAME = /pass(word|phrase)?|secret|token|credential|private|api_?key|access_?key|auth/i;
/** Their values, where they are but the name of a file or a switch. */
const HARMLESS = /^(\/[^\s]*|true|false|\d*)$/i;
/** What is shorter could be any word, and a text without it unreadable. */
const LEAST_LENGTH = 6;

/**
 * Takes secrets out of what an operation says: those of its environment and of the stack's state, wherever a provider or program may have put
 * them, and credentials in addresses. Pulumi hides a secret as such; not the text of an error that has it inside.
 */
export class Redaction {
  readonly #secrets = new Set<string>();

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    for (const [name, value] of Object.entries(environment))
      if (value !== undefined && SECRET_NAME.test(name) && !HARMLESS.test(value)) this.add(value);
  }

  /** From now on this is one, in each form in which it may stand in JSON or in an address. */
  add(secret: string): void {
    if (secret.trim().length < LEAST_LENGTH) return;
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64(secret)])
      this.#secrets.add(form);
  }

  /** Every text in a value of which all is secret. */
  addAll(value: unknown): void {
    if (typeof value === "string") this.add(value);
    else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) this.addAll(one);
  }

  apply(text: string): string {
    let result = text;
    for (const secret of this.#secrets) if (result.includes(secret)) result = result.replaceAll(secret, MASKED);
    return withoutCredentials(result);
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
