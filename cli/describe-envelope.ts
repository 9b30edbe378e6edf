import type { EnvelopeProposal } from "../engine/api/engine-control.port.ts";
import type { Changeset } from "../model/changeset.ts";
import { formatInstant } from "../model/instant.ts";
import { table } from "./output.ts";

/** Whether an identifier is that of an envelope's proposal. */
export function isEnvelope(id: string): boolean {
  return id.startsWith("envelope-");
}

/** An envelope as it stands in its commit. */
export function describeEnvelope({ id, path, text, workloads, commit }: EnvelopeProposal): string[] {
  return [`${id}  ${workloads.join(", ")}  ${commit}`, "", path, ...text.trimEnd().split("\n")];
}

/** What waits for a person. */
export function describeWaiting(changesets: readonly Changeset[], envelopes: readonly EnvelopeProposal[]): string[] {
  if (changesets.length + envelopes.length === 0) return ["nothing waits"];
  return table([
    ...changesets.map(({ id, workload, createdAt, notes = [] }) => [
      id,
      workload,
      formatInstant(Math.floor(createdAt)),
      notes.join("; "),
    ]),
    ...envelopes.map(({ id, workloads, at, path }) => [id, workloads.join(", "), formatInstant(Math.floor(at)), path]),
  ]);
}
