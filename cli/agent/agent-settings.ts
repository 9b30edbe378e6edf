import type { AgentOptions, FunctionOptions, ProfiledWorkload } from "../../agent/options.ts";
import type { Security } from "../../model/connection/connection.ts";

/** What the agent's process is told by the command that starts it. No secret is in it: those are read where they are. */
export interface AgentSettings
  extends Required<Pick<AgentOptions, "workloads" | "interval" | "discovery" | "listen" | "endpoint" | "topProcesses">>,
    Pick<AgentOptions, "diskBuffer"> {
  /** Of the connection to the engine; paths start from `root`. */
  readonly security: Security;
  readonly root: string;
  readonly functions?: Omit<FunctionOptions, "workloads"> & {
    readonly workloads: readonly (readonly [name: string, ProfiledWorkload])[];
  };
  /** Whether its messages are JSON. */
  readonly json: boolean;
}

/** The variable of the environment that carries them. */
export const SETTINGS_VARIABLE = "FORESHADOW_AGENT";
