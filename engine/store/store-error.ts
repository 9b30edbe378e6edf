/** What is wrong with a store, in a form that a program can act on; the message is for people and says what to do. */
export type StoreErrorKind =
  /** No space, or a quota, or a read-only file system: nothing was written. */
  | "full"
  /** Another process holds the database. */
  | "busy"
  | "corrupt"
  /** Written by a newer version. */
  | "newer"
  /** Not a store, or files of it are gone. */
  | "missing"
  | "denied"
  /** The ledger does not agree with its head or key. */
  | "tampered"
  | "failed";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreErrorKind;
  readonly file: string;

  constructor(kind: StoreErrorKind, file: string, message: string, cause?: unknown) {
    super(`${file}: ${message}`, { cause });
    this.kind = kind;
    this.file = file;
  }
}

/** Primary result codes, {@link https://www.sqlite.org/rescode.html}. */
const BY_RESULT_CODE: Readonly<Record<number, StoreErrorKind>> = {
  3: "denied",
  5: "busy",
  6: "busy",
  8: "denied",
  11: "corrupt",
  13: "full",
  14: "denied",
  26: "corrupt",
};

const BY_ERRNO: Readonly<Record<string, StoreErrorKind>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "denied",
  EACCES: "denied",
  EPERM: "denied",
  ENOENT: "missing",
};

const ADVICE: Readonly<Record<StoreErrorKind, string>> = {
  full: "no space is left; nothing was written. Free some space and try again",
  busy: "another process holds the database. Stop it, or try again",
  corrupt: "the file is damaged. Put a backup in its place (a copy made before the last migration may stand beside it)",
  newer: "it was written by a newer version of foreshadow. Use that version",
  missing: "the file is not there",
  denied: "it cannot be opened or written. Check the owner and permissions of the file and its directory",
  tampered: "run `foreshadow ledger verify`",
  failed: "it failed",
};

/**
 * The error of a database or file operation as a {@link StoreError}; anything else as it is.
 *
 * @param doing what was being done, for the message: `saving a changeset`
 */
export function storeError(error: unknown, file: string, doing: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const { code, errcode } = error as { code?: string; errcode?: number };
  const kind =
    code === "ERR_SQLITE_ERROR"
      ? (BY_RESULT_CODE[(errcode ?? 0) & 0xff] ?? "failed")
      : code !== undefined && /^E[A-Z]+$/.test(code)
        ? (BY_ERRNO[code] ?? "failed")
        : undefined;
  return kind === undefined ? error : new StoreError(kind, file, `${doing}: ${ADVICE[kind]} (${error.message})`, error);
}
