/** The branch on which plans that needed no approval are shown to people. */
export const CAPACITY_BRANCH = "foreshadow/capacity";

/** What is put on the branch: one file of it replaced. */
export interface Publication {
  /** Path of the capacity file, relative to the repository's root. */
  readonly path: string;
  readonly text: string;
  /** The whole message of the commit. */
  readonly message: string;
  /** Epoch seconds, the commit's date. */
  readonly at: number;
}

/** Where the repository of the people is. */
export interface CapacityBranch {
  /**
   * Commits on the branch and pushes.
   *
   * @returns the commit; `undefined` where the branch says so already, and nothing was pushed
   * @throws ReviewHostError when the remote cannot be reached or refuses
   */
  publish(publication: Publication): Promise<string | undefined>;
}
