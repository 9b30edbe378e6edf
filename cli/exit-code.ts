/** What a command's exit code says. */
export const EXIT = {
  done: 0,
  /** It could not be done: the message says why. */
  failed: 1,
  /** A file or an argument is wrong. */
  input: 2,
  /** Understood and refused: the state does not allow it. */
  refused: 3,
  /** The ledger does not verify. */
  ledger: 4,
} as const;
