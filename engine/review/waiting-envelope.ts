/** An envelope that the engine proposes and that waits for a person, as a commit that adds it to its file. */
export interface WaitingEnvelope {
  readonly id: string;
  /** Name of the stack. */
  readonly stack: string;
  readonly path: string;
  readonly workloads: readonly string[];
  /** The whole file. */
  readonly text: string;
  readonly commit: string;
}
