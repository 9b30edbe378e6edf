import { createHash } from "node:crypto";

/**
 * The trace of a changeset, 32 hexadecimal digits. It follows from the changeset's name, so that an engine that goes on with it after a restart, and a log,
 * tell the same trace with nothing kept.
 */
export function traceIdOf(changeset: string): string {
  return digits(`trace\n${changeset}`, 32);
}

/** A span of which each changeset has one. */
export function spanIdOf(changeset: string, name: string): string {
  return digits(`span\n${name}\n${changeset}`, 16);
}

function digits(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
