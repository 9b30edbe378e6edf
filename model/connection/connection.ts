import { z } from "zod";

const path = z.string().min(1).max(4096);
const LOOPBACK = /^http:\/\/(127(\.\d{1,3}){3}|\[::1\]|localhost)(:|\/|$)/;

/** Where a secret is: its own text never stands in the project file. */
export const secret = z.union(
  [z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/) }), z.strictObject({ file: path })],
  { error: () => "{ env: NAME } or { file: PATH }, where the secret is" },
);

/** An address of HTTP. */
export const address = z.url({ protocol: /^https?$/, error: "an address of http or https" });

/** What a connection of ours to another server is secured with. Paths start from the project file's directory. */
const security = {
  /** The bearer token that is sent. */
  token: secret.optional(),
  /** PEM of the authorities that the server's certificate is checked against, in place of the system's. */
  ca: path.optional(),
  /** PEM of the certificate and the key that we show: mutual TLS. */
  certificate: path.optional(),
  key: path.optional(),
};

/** Schema of a connection to another server: its `url`, what it is secured with, and what else is said of it. */
export function connection<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ ...security, ...shape }).superRefine((value, context) => {
    const { url } = value as { url?: string };
    const problem = url === undefined ? undefined : securityProblem(url, value as Security);
    if (problem !== undefined)
      context.addIssue({ code: "custom", message: problem.expected, input: url, path: [problem.path] });
  });
}

export type SecretSource = z.output<typeof secret>;

export interface Security {
  readonly token?: SecretSource;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** Whether nobody else can read what goes to the address: it is TLS, or does not leave this host. */
export function isPrivate(url: string): boolean {
  return url.startsWith("https:") || LOOPBACK.test(url);
}

/**
 * What contradicts itself in how a connection is secured: path of the setting, and what was expected of it.
 *
 * @returns undefined when all is well
 */
function securityProblem(
  url: string,
  { token, ca, certificate, key }: Security,
): { readonly path: string; readonly expected: string } | undefined {
  if (token !== undefined && !isPrivate(url))
    return { path: "token", expected: "an address of https, or no token: it would be readable on the way" };
  if ((certificate === undefined) !== (key === undefined))
    return { path: certificate === undefined ? "key" : "certificate", expected: "certificate and key, or neither" };
  if (!url.startsWith("https:") && (ca !== undefined || certificate !== undefined))
    return { path: ca === undefined ? "certificate" : "ca", expected: "an address of https, or no certificates" };
  return undefined;
}
