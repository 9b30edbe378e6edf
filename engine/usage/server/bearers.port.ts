/** Who may send usage (`agent`) and read the figures (`read`). */
export interface Bearers {
  /** Whether a token has the scope: `unknown` when it is none, `other` when it is of another scope. */
  check(token: string, scope: "agent" | "read"): "ok" | "unknown" | "other";
}
