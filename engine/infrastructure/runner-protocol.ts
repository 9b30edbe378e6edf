import type { PolicyGround } from "../../model/policy-subject.ts";
import type { InfrastructureFailure, Preview, ResourceState } from "../orchestrator/change/infrastructure.port.ts";

/** What a runner is for; `operation.json`. Secrets come by its environment, never by a file or an argument. */
export interface RunnerConfiguration {
  readonly operation: string;
  readonly stack: string;
  /** Path and version of the Pulumi command line. */
  readonly pulumi: string;
  readonly pulumiVersion: string;
  /** Executables of policy packs. */
  readonly policyPacks: readonly string[];
  /** File with the key that secrets are hashed with. */
  readonly maskKeyFile: string;
  /** Niceness of the runner and all it starts. */
  readonly niceness: number;
  /** Epoch seconds. */
  readonly startedAt: number;
}

/** `workDir` is the directory of the stack's program in a checkout. */
export type RunnerRequest =
  | { readonly kind: "preview"; readonly workDir: string; readonly policiesFor?: PolicyGround }
  | { readonly kind: "rehearse"; readonly workDir: string; readonly expected: readonly ResourceState[] }
  | { readonly kind: "apply"; readonly workDir: string; readonly expectedState?: string }
  | { readonly kind: "deployed"; readonly workDir: string }
  | { readonly kind: "cancel"; readonly workDir: string }
  | { readonly kind: "refresh"; readonly workDir: string };

/** What is answered to a request, by its kind. */
export interface RunnerValues {
  readonly preview: Preview;
  readonly rehearse: Preview;
  readonly apply: { readonly moved: boolean; readonly seconds: number };
  readonly deployed: string | null;
  readonly cancel: null;
  readonly refresh: null;
}

export type RunnerResult<Kind extends RunnerRequest["kind"] = RunnerRequest["kind"]> =
  | { readonly ok: true; readonly value: RunnerValues[Kind] }
  | { readonly ok: false; readonly failure: InfrastructureFailure; readonly message: string; readonly seconds: number };
