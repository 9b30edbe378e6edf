import type { PropertyChange } from "../../model/changeset.ts";
import { diffRows } from "../domain/diff-rows.ts";
import { Headings, Table } from "./table.tsx";

const ARROWS = { up: "▲", down: "▼" } as const;

/** `resource · field · old → new`, as Pulumi previewed it. */
export function DiffTable({
  changes,
  caption,
}: {
  readonly changes: readonly PropertyChange[];
  readonly caption: string;
}) {
  if (changes.length === 0) return <p class="hint">No property changes.</p>;
  return (
    <Table label={caption} kind="diff" headings={<Headings titles={["Resource", "Field", "Old", "New"]} />}>
      {diffRows(changes).map(({ resource, type, field, before, after, direction, operation }) => (
        <tr key={`${resource} ${field}`} class={operation}>
          <td title={type}>{resource}</td>
          <td>{field}</td>
          <td class="before">{before}</td>
          <td class="after">
            {after}
            {direction && (
              <span class={direction} title={direction === "up" ? "grows" : "shrinks"}>
                {" "}
                {ARROWS[direction]}
              </span>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
