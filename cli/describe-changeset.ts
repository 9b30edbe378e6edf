import type { Changeset, EnvelopeApproval, PropertyChange } from "../model/changeset.ts";
import { formatInstant } from "../model/instant.ts";
import { propertyText } from "../model/property-text.ts";
import { reasonsForPeople } from "../model/reasons-for-people.ts";
import { paint, paintState } from "./colour.ts";
import { partsSentence } from "./describe-parts.ts";
import { table } from "./output.ts";

/** A property change on one line: `web · replicas  4 → 6`. */
export function propertyLine({ resource, operation, property, before, after }: PropertyChange): string[] {
  if (property === "") return [resource, operation, ""];
  const [from, to] = [propertyText(property, before), propertyText(property, after)];
  return [resource, property, `${paint("before", from)} → ${paint("after", to)}`];
}

/** A changeset in words: what, why, how it went, and the way back. */
export function describeChangeset(changeset: Changeset): string[] {
  const { id, workload, stack, state, createdAt, changes = [], reasons, evidence, failure, timings = {} } = changeset;
  const lines = [
    `${id}  ${workload} on ${stack.dir}:${stack.name}  ${paintState(state)}  ${formatInstant(Math.floor(createdAt))}`,
    "",
  ];
  const heading = (text: string) => paint("heading", text);
  lines.push(
    heading("What"),
    ...indent(changes.length === 0 ? ["no property changes"] : table(changes.map(propertyLine))),
    "",
  );
  lines.push(heading("Why"), ...indent(reasonsForPeople(reasons).map(({ text }) => text)), "");
  if (evidence !== undefined)
    lines.push(
      heading("Evidence"),
      ...indent([
        ...evidence.models.flatMap(({ series, model, trusted, skill, parts }) => [
          `${series}: ${model}, ${trusted ? "trusted" : "not trusted"}, skill over seasonal naive ${(skill * 100).toFixed(0)} %`,
          ...(parts === undefined ? [] : [`  ${partsSentence(parts)}`]),
        ]),
        `decision on ${evidence.inputDigest.slice(0, 16)} at ${formatInstant(evidence.decidedAt)}, Node ${evidence.node}; recompute it with: foreshadow replay ${id}`,
      ]),
      "",
    );
  lines.push(heading("How it went"), ...indent(course(changeset, timings)), "");
  lines.push(heading("The way back"), ...indent(wayBack(changeset)));
  if (failure !== undefined) lines.push("", `${paint("bad", `Failed at ${failure.step}:`)} ${failure.message}`);
  return lines;
}

function course(changeset: Changeset, timings: Readonly<Record<string, number>>): string[] {
  const {
    commit,
    previewDigest,
    approvedBy,
    envelope,
    requestedBy,
    leadTime,
    ready,
    notes = [],
    policyViolations = [],
  } = changeset;
  return [
    ...(requestedBy === undefined ? [] : [`asked for by ${requestedBy}`]),
    ...(approvedBy === undefined ? [] : [`approved by ${approvedBy}${envelope ? envelopeSentence(envelope) : ""}`]),
    ...(commit === undefined ? [] : [`commit ${commit}`]),
    ...(previewDigest === undefined ? [] : [`preview ${previewDigest.slice(0, 16)}`]),
    ...Object.entries(timings).map(([step, seconds]) => `${step} ${seconds.toFixed(1)} s`),
    ...(leadTime === undefined
      ? []
      : [`ready ${leadTime.toFixed(1)} s after the decision${ready === undefined ? "" : `, ${ready} replicas`}`]),
    ...policyViolations.map((violation) => `policy: ${violation}`),
    ...notes,
  ];
}

function envelopeSentence({ path, commit, floors, approved, until }: EnvelopeApproval): string {
  return ` ${path} at ${commit.slice(0, 12)}: floors ${floors.least} to ${floors.greatest}, approved ${approved.least} to ${approved.greatest} by the hour until ${formatInstant(until)}`;
}

function wayBack({ id, reversibility, reverseChanges = [], reverses, reversedBy }: Changeset): string[] {
  return [
    ...(reverses === undefined ? [] : [`it takes ${reverses} back`]),
    ...(reversedBy === undefined ? [] : [`taken back by ${reversedBy}`]),
    reversibility === undefined ? "not rehearsed" : `${reversibility}, rehearsed before it was applied`,
    ...table(reverseChanges.map(propertyLine)),
    ...(reversedBy === undefined ? [`foreshadow rollback ${id}`] : []),
  ];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
