/** What a caller may do. `admin` may everything, `approve` may read too; `agent` may only send usage. */
export const SCOPES = ["agent", "read", "approve", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Who calls. */
export interface Principal {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** A person, who may approve; a program may not. */
  readonly person: boolean;
  /** The token that it was let in by, or by which its session began; none on the socket, which the system guards. */
  readonly token?: string;
}

const IMPLIED: Readonly<Record<Scope, readonly Scope[]>> = {
  agent: [],
  read: [],
  approve: ["read"],
  admin: ["agent", "read", "approve"],
};

/** Whether a caller has a scope, itself or by a wider one. */
export function hasScope({ scopes }: Pick<Principal, "scopes">, scope: Scope): boolean {
  return scopes.some((one) => one === scope || IMPLIED[one].includes(scope));
}
