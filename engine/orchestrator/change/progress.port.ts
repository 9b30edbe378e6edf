import type { ChangesetState } from "../../../model/changeset.ts";

/** What a person or a program that follows a changeset is told. Every message has a code and a payload of its own type. */
export type ProgressMessage =
  | {
      readonly code: "changeset-state";
      readonly changeset: string;
      readonly workload: string;
      readonly from?: ChangesetState;
      readonly to: ChangesetState;
      readonly text: string;
    }
  | {
      readonly code: "step";
      readonly changeset: string;
      readonly step: string;
      /** How long it took, once it has ended. */
      readonly seconds?: number;
      readonly failed?: boolean;
    }
  | {
      readonly code: "alert";
      readonly changeset?: string;
      readonly workload?: string;
      readonly text: string;
    };

export interface ApprovalRequest {
  readonly changeset: string;
  readonly text: string;
}

/** The one way in which change talks to its user: terminal, JSON, dashboard and test double each implement it. */
export interface Progress {
  notify(message: ProgressMessage): void;
  /**
   * Asks for an approval at once. A terminal asks; a program that nobody watches leaves it open with `undefined`, and the
   * changeset waits.
   */
  requestApproval?(request: ApprovalRequest): Promise<{ approved: boolean; by: string } | undefined>;
}
