/** How a secret stands that was taken out of a text. */
export const MASKED = "[secret]";

/** The same text with the credentials of addresses taken out: `https://USER:PASSWORD@HOST` and `https://TOKEN@HOST`. */
export function withoutCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, (whole, scheme: string) =>
    // The user of an ssh address is no secret.
    /^(git\+)?ssh:/i.test(scheme) && !whole.slice(scheme.length).includes(":") ? whole : `${scheme}${MASKED}@`,
  );
}
