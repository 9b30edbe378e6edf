/** What was looked at, whether it will do, and what to do where it will not. `degraded`: it works, with less. */
export interface Finding {
  readonly what: string;
  readonly state: "ok" | "degraded" | "failed";
  readonly text: string;
}
